"""What `rasid run` shows a person: every stage's ledger, the sources that fail and why.

On a terminal a live table; elsewhere a line on stderr whenever the set of failing sources changes.
"""

import asyncio
from collections.abc import Callable, Sequence
from logging import getLogger
from typing import NamedTuple

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from shared import metrics
from shared.outcomes import Retry
from shared.runtime.timers import first_of
from shared.topology import STAGES

log = getLogger(__name__)

REFRESH_SECONDS = 1.0
SHOWN_FAILURES = 12


class SourceState(NamedTuple):
    """A source as the dashboard shows it; `cause` is the word for its last poll, None before the first."""

    name: str
    cause: str | None
    failing: bool


Sources = Callable[[], Sequence[SourceState]]


async def show(console: Console, address: str, sources: Sources, stop: asyncio.Event) -> None:
    """Shows until `stop`."""
    if not console.is_terminal:
        await _tell(sources, stop)
        return
    with Live(console=console, refresh_per_second=4, transient=False) as live:
        while not stop.is_set():
            live.update(_picture(address, await _asked(sources)))
            await first_of(REFRESH_SECONDS, stop.wait())


async def _tell(sources: Sources, stop: asyncio.Event) -> None:
    told: tuple[tuple[str, str | None], ...] = ()
    while not stop.is_set():
        states = await _asked(sources)
        failing = tuple((state.name, state.cause) for state in states if state.failing)
        if failing != told:
            told = failing
            shown = [f"{name}: {cause}" for name, cause in failing[:SHOWN_FAILURES]]
            more = [f"and {len(failing) - SHOWN_FAILURES} more"] if len(failing) > SHOWN_FAILURES else []
            log.warning("Sources fail.", extra={"failing": len(failing), "of": len(states), "which": [*shown, *more]})
        await first_of(REFRESH_SECONDS, stop.wait())


async def _asked(sources: Sources) -> Sequence[SourceState]:
    """The sources; none while the database does not answer (the stages say so)."""
    try:
        return await asyncio.to_thread(sources)
    except Retry:
        return ()


def _picture(address: str, states: Sequence[SourceState]) -> Group:
    failing = [state for state in states if state.failing]
    polled = sum(state.cause is not None for state in states)
    head = Text.assemble(("rasid ", "bold"), (address, "underline"), "   Ctrl-C ends it")
    summary = Text(f"sources: {len(states)}, polled {polled}, failing {len(failing)}")
    parts: list[Text | Table] = [head, _stages(), summary]
    if failing:
        table = Table("source", "cause", box=None, header_style="bold", padding=(0, 2))
        for state in failing[:SHOWN_FAILURES]:
            table.add_row(state.name, Text(state.cause or "", style="yellow"))
        if len(failing) > SHOWN_FAILURES:
            table.add_row(f"and {len(failing) - SHOWN_FAILURES} more", "")
        parts.append(table)
    return Group(*parts)


def _stages() -> Table:
    table = Table("stage", "does", "handled", "dropped", "set aside", "waiting", box=None, header_style="bold", padding=(0, 2))
    outcomes, lag = metrics.values(metrics.MESSAGES), metrics.values(metrics.LAG)
    for stage in STAGES:
        if stage.kind == "door":
            continue
        counts = [int(outcomes.get((stage.name, outcome), 0)) for outcome in ("handled", "dropped", "set_aside")]
        waiting = lag.get((stage.name,), 0)
        aside = Text(str(counts[2]), style="red" if counts[2] else "")
        table.add_row(stage.name, stage.does, str(counts[0]), str(counts[1]), aside, str(int(waiting)))
    return table
