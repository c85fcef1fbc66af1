"""Nothing is lost when the process is killed (-9) at any named point, and what comes twice stays within its bound."""

import random
import secrets
import signal
from typing import Any

import pytest

from tests.contract.carriers import POINTS, SESSION_SECONDS, Carrier, Kafka, until
from tests.contract.claims import assert_in_order, assert_whole
from tests.contract.house import BATCH, Given, fill_due, given, open_rows, told_id
from tests.contract.member import Member, Role

COUNT = 60
RANDOM_KILLS = 5
KILLS = [
    pytest.param(runtime, stage, point, id=f"{runtime}-{stage}-{point}")
    for (runtime, stage), names in POINTS.items()
    for point in names
]


def role(carrier: Carrier, stage: str, **death: Any) -> Role:
    """A member that runs this one stage."""
    return Role(
        prefix=carrier.house.prefix,
        url=carrier.url,
        stages=(stage,),
        runtime=carrier.name,
        bootstrap=carrier.bootstrap if isinstance(carrier, Kafka) else None,
        session_seconds=SESSION_SECONDS,
        **death,
    )


async def fed(carrier: Carrier, stage: str) -> list[str]:
    """Gives a stage its input; the ids that must come of it."""
    if stage == "tell":
        fill_due(carrier.database, COUNT)
        return [told_id(carrier.house.tell, number) for number in range(COUNT)]
    events = [given(number) for number in range(COUNT)]
    await carrier.publish(carrier.house.door, events)
    return carrier.house.expected(getattr(carrier.house, stage), events)


async def acknowledged(carrier: Carrier, stage: str, count: int = COUNT) -> None:
    """Waits until a stage has acknowledged all its input: what it writes then stands, and no more comes."""

    async def _acknowledged() -> bool:
        if stage == "tell":
            return open_rows(carrier.database) == 0
        return await carrier.progress(getattr(carrier.house, stage)) == count

    await until(_acknowledged, f"all {count} acknowledged by {stage}")


@pytest.mark.parametrize(("carrier", "stage", "point"), KILLS, indirect=["carrier"])
async def test_nothing_is_lost_when_the_process_is_killed_at(carrier: Carrier, stage: str, point: str) -> None:
    expected = await fed(carrier, stage)
    topic = carrier.house.written_by(stage)
    killed = Member(role(carrier, stage, point=point, at=getattr(carrier.house, stage).name, time=2))
    assert await killed.ended() == -signal.SIGKILL, "it did not come to that point twice"
    again = Member(role(carrier, stage))

    await acknowledged(carrier, stage)
    assert await again.stopped() == 0
    records = await carrier.messages(topic)
    assert_whole(carrier, records, expected, kills=1)
    if stage != "tell":  # a row that waits for its lease is told after its neighbours
        assert_in_order(records)


async def test_what_was_acknowledged_before_a_kill_does_not_come_again(carrier: Carrier) -> None:
    expected = await fed(carrier, "keep")
    process = Member(role(carrier, "keep"))
    await acknowledged(carrier, "keep")
    assert await process.killed() == -signal.SIGKILL
    more = [given(number) for number in range(COUNT, COUNT + BATCH)]
    await carrier.publish(carrier.house.door, more)
    again = Member(role(carrier, "keep"))
    await acknowledged(carrier, "keep", COUNT + BATCH)
    assert await again.stopped() == 0
    expected += carrier.house.expected(carrier.house.keep, more)
    assert_whole(carrier, await carrier.messages(carrier.house.kept), expected, kills=0)


async def test_when_one_of_two_members_is_killed_the_other_does_its_work(carrier: Carrier) -> None:
    expected = await fed(carrier, "keep")
    killed = Member(role(carrier, "keep", point="effect", at=carrier.house.keep.name, time=2))
    other = Member(role(carrier, "keep"))
    await acknowledged(carrier, "keep")
    assert await other.stopped() == 0
    assert await killed.killed() == -signal.SIGKILL
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, expected, kills=1)
    assert_in_order(records)


async def test_nothing_is_lost_over_kills_at_random_moments(carrier: Carrier) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # pytest shows it when the test fails
    moments = random.Random(seed)
    events: list[Given] = []
    for kill in range(RANDOM_KILLS):
        more = [given(number) for number in range(kill * COUNT, (kill + 1) * COUNT)]
        await carrier.publish(carrier.house.door, more)
        events += more
        process = Member(role(carrier, "keep"))
        after = moments.uniform(0.05, 2.5 if isinstance(carrier, Kafka) else 0.3)
        assert await process.killed(after) == -signal.SIGKILL
    last = Member(role(carrier, "keep"))
    await acknowledged(carrier, "keep", len(events))
    assert await last.stopped() == 0
    records = await carrier.messages(carrier.house.kept)
    assert_whole(carrier, records, carrier.house.expected(carrier.house.keep, events), kills=RANDOM_KILLS)
    assert_in_order(records)
