"""How much is reported on something, window by window of event time, and where that is out of the ordinary.

What counts is an independent report: a copy of another text is none, and a source tells each story once in a window. A window
is held against those of the same time of day before it, source by source: what the sources that are alive now, and were there
before, report of it on an ordinary day, raised where they report more of everything. So a source that is silent, that comes
back with a backlog, or that was added yesterday makes no spike (decision 0063).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import NamedTuple

from msgspec import Struct

DAY = 24 * 3600


class Dial(NamedTuple):
    """When a window is a spike: from how many reports, by how many sources, and how far out of the ordinary (in standard
    deviations of what is expected). `history`: windows of the past it is held against; `least`: how many of them must have
    been watched; `often`: the share of these in which a source must have been alive to be one of those of before."""

    score: float = 4.0
    reports: int = 5
    sources: int = 3
    history: int = 14
    least: int = 4
    often: float = 0.3


DEFAULT = Dial()


class Cell(NamedTuple):
    """What is counted together; None: not told apart by it."""

    topic: str | None = None
    lang: str | None = None
    country: str | None = None


class Window(Struct, frozen=True, kw_only=True):
    """One window of one cell. `reports`: independent ones, `articles`: copies too, `sources`: how many reported; `alive`: how
    many sources reported anything; `expected`: reports of the sources of before, had it gone on as before, and `score` how far
    they exceed that; both null where too little is known."""

    number: int
    reports: int
    articles: int
    sources: int
    alive: int
    expected: float | None = None
    score: float | None = None
    is_spike: bool = False


@dataclass(slots=True)
class Counts:
    """What was counted in each window, by number: `reports` of this cell and `total` of everything, by source; `articles` of
    the cell, copies included."""

    reports: dict[int, dict[str, int]] = field(default_factory=dict)
    total: dict[int, dict[str, int]] = field(default_factory=dict)
    articles: dict[int, int] = field(default_factory=dict)


def before(number: int, seconds: int, dial: Dial = DEFAULT) -> list[int]:
    """The windows that this one is held against: of the same time of day where a window is shorter than a day."""
    step = max(1, DAY // seconds)
    return [number - back * step for back in range(1, dial.history + 1)]


def windows(counts: Counts, numbers: Iterable[int], seconds: int, dial: Dial = DEFAULT) -> list[Window]:
    """These windows, each judged by those before it. `seconds`: how long a window is."""
    return [_window(counts, number, before(number, seconds, dial), dial) for number in numbers]


def _window(counts: Counts, number: int, past: Sequence[int], dial: Dial) -> Window:
    reports, total = counts.reports.get(number, {}), counts.total.get(number, {})
    judged = _judged(counts, number, past, dial)
    expected, score, sources = judged or (None, None, 0)
    known = sum(reports.values())
    return Window(
        number=number,
        reports=known,
        articles=counts.articles.get(number, 0),
        sources=len(reports),
        alive=len(total),
        expected=None if expected is None else round(expected, 3),
        score=None if score is None else round(score, 3),
        is_spike=score is not None and score >= dial.score and sources >= dial.sources,
    )


def _judged(counts: Counts, number: int, past: Sequence[int], dial: Dial) -> tuple[float, float, int] | None:
    """What was to be expected of the sources of before, how far they exceed it, and how many of them report."""
    watched = [one for one in past if counts.total.get(one)]
    if len(watched) < dial.least:
        return None
    usual = _usual(counts, watched, dial)
    alive = counts.total.get(number, {}).keys() & usual.keys()
    if not alive:
        return None
    reports, total = counts.reports.get(number, {}), counts.total[number]
    told = {source: reports[source] for source in alive if reports.get(source)}
    others = {source: total[source] - reports.get(source, 0) for source in alive}
    overall = _busier(sum(others.values()), sum(usual[source].others for source in alive))
    expected = sum(usual[source].reports * max(overall, _busier(others[source], usual[source].others)) for source in alive)
    even = sum(usual[source].reports for source in alive)
    rates = [_rate(counts, one, usual) * even for one in watched]
    now = sum(told.values())
    return expected, _score(now, expected, rates), len(told) if now >= dial.reports else 0


class _Usual(NamedTuple):
    """What a source reports in an ordinary window in which it is alive: of this cell, and of everything else."""

    reports: float
    others: float


def _usual(counts: Counts, watched: Sequence[int], dial: Dial) -> dict[str, _Usual]:
    """The sources of before: those alive often enough in these windows."""
    lived: dict[str, list[tuple[int, int]]] = {}
    for one in watched:
        reports = counts.reports.get(one, {})
        for source, total in counts.total[one].items():
            lived.setdefault(source, []).append((reports.get(source, 0), total))
    often = {source: times for source, times in lived.items() if len(times) >= dial.often * len(watched)}
    return {
        source: _Usual(sum(n for n, _ in times) / len(times), sum(total - n for n, total in times) / len(times))
        for source, times in often.items()
    }


def _busier(now: float, usual: float) -> float:
    """How many times more than usual; never less than 1, which would make of a quiet day a loud one."""
    return max(1.0, (now + 1.0) / (usual + 1.0))


def _rate(counts: Counts, number: int, usual: Mapping[str, _Usual]) -> float:
    """What was reported in a window of the past, in parts of what was usual of the sources then alive."""
    alive = counts.total[number].keys() & usual.keys()
    reports, even = counts.reports.get(number, {}), sum(usual[source].reports for source in alive)
    return sum(reports.get(source, 0) for source in alive) / even if even else 0.0


def _score(now: float, expected: float, rates: Sequence[float]) -> float:
    """How many standard deviations above what is expected, on the scale on which counts vary evenly; where the past varied more
    than chance does, that is taken for the ordinary."""
    mean = sum(rates) / len(rates) if rates else 0.0
    varied = sum((rate - mean) ** 2 for rate in rates) / (len(rates) - 1) if len(rates) > 1 else 0.0
    spread = max(1.0, varied / mean) if mean else 1.0
    return 2.0 * (sqrt(now + 0.375) - sqrt(expected + 0.375)) / sqrt(spread)
