"""Nothing is lost when the process is killed (-9) at any named point, and what comes twice stays within its bound."""

import asyncio
import os
import signal
from typing import Any

import pytest

from tests.contract import member
from tests.contract.carriers import POINTS, SESSION_SECONDS, Carrier, Kafka, until
from tests.contract.claims import assert_in_order, assert_whole, holds_all
from tests.contract.house import BATCH, fill_due, given, told_id

COUNT = 60
KILLS = [
    pytest.param(runtime, stage, point, id=f"{runtime}-{stage}-{point}")
    for (runtime, stage), names in POINTS.items()
    for point in names
]


def role(carrier: Carrier, stage: str, **death: Any) -> member.Role:
    """A member that runs this one stage."""
    return member.Role(
        prefix=carrier.house.prefix,
        url=carrier.url,
        stages=(stage,),
        bootstrap=carrier.bootstrap if isinstance(carrier, Kafka) else None,
        session_seconds=SESSION_SECONDS,
        **death,
    )


async def ended(process: Any, seconds: float = 20.0) -> int:
    """Its exit code."""
    await asyncio.to_thread(process.join, seconds)
    assert process.exitcode is not None, f"still alive after {seconds} s"
    return int(process.exitcode)


async def fed(carrier: Carrier, stage: str) -> list[str]:
    """Gives a stage its input; the ids that must come of it."""
    if stage == "tell":
        fill_due(carrier.database, COUNT)
        return [told_id(carrier.house.tell, number) for number in range(COUNT)]
    events = [given(number) for number in range(COUNT)]
    await carrier.publish(carrier.house.door, events)
    return carrier.house.expected(getattr(carrier.house, stage), events)


@pytest.mark.parametrize(("carrier", "stage", "point"), KILLS, indirect=["carrier"])
async def test_nothing_is_lost_when_the_process_is_killed_at(carrier: Carrier, stage: str, point: str) -> None:
    expected = await fed(carrier, stage)
    topic = carrier.house.written_by(stage)
    killed = member.start(role(carrier, stage, point=point, at=getattr(carrier.house, stage).name, time=2))
    assert await ended(killed) == -signal.SIGKILL, "it did not come to that point twice"
    again = member.start(role(carrier, stage))

    async def _whole() -> bool:
        return holds_all(await carrier.messages(topic), expected)

    await until(_whole, f"all {COUNT} at the far end")
    again.terminate()
    assert await ended(again) == 0
    records = await carrier.messages(topic)
    assert_whole(carrier, records, expected, kills=1)
    if stage != "tell":  # a row that waits for its lease is told after its neighbours
        assert_in_order(records)


async def test_what_was_acknowledged_before_a_kill_does_not_come_again(carrier: Carrier) -> None:
    expected = await fed(carrier, "keep")
    process = member.start(role(carrier, "keep"))

    async def _acknowledged() -> bool:
        return await carrier.progress(carrier.house.keep) == COUNT

    await until(_acknowledged, "all acknowledged")
    os.kill(process.pid, signal.SIGKILL)
    await ended(process)
    more = [given(number) for number in range(COUNT, COUNT + BATCH)]
    await carrier.publish(carrier.house.door, more)
    again = member.start(role(carrier, "keep"))
    expected += carrier.house.expected(carrier.house.keep, more)

    async def _whole() -> bool:
        return holds_all(await carrier.messages(carrier.house.kept), expected)

    await until(_whole, "the new ones too")
    again.terminate()
    assert await ended(again) == 0
    assert_whole(carrier, await carrier.messages(carrier.house.kept), expected, kills=0)
