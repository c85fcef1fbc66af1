"""Writes what is made from the contract: the map of topics and stages into README.md, between its two markers, and the JSON
Schemas of every event and of the filter into docs. `python -m rasid.map` does all."""

import json
from pathlib import Path

import msgspec

from shared.filter_schema import schema
from shared.topology import STAGES, TOPICS, Stage

BEGIN, END = "<!-- map: made by `make map` -->", "<!-- end of map -->"


def table() -> str:
    """The stages as a Markdown table, in the order an article meets them."""
    lines = ["| stage | service | reads | writes | does |", "|---|---|---|---|---|"]
    for stage in STAGES:
        reads = _names(stage) or {"timer": "due rows", "door": "a command"}.get(stage.kind, "")
        writes = ", ".join(f"`{topic.name}`" for topic in stage.writes) or "its tables"
        lines.append(f"| **{stage.name}** | {stage.service} | {reads} | {writes} | {stage.does} |")
    return "\n".join(lines)


def diagram() -> str:
    """The same as a Mermaid flow chart: stages are boxes, topics are arrows."""
    lines = ["```mermaid", "flowchart LR"]
    lines += [f"  {stage.name}[{stage.name}<br><i>{stage.service}</i>]" for stage in STAGES]
    for topic in TOPICS:
        writers = [stage.name for stage in STAGES if topic in stage.writes]
        readers = [stage.name for stage in STAGES if topic in stage.reads]
        lines += [f"  {writer} -- {topic.name} --> {reader}" for writer in writers for reader in readers]
    lines += [
        "  enqueue -. page rows .-> fetch",
        "  match -. deliveries .-> deliver",
        "  redrive -. deliveries .-> deliver",
        "  match -. gathered alerts .-> digest",
        "  digest -. deliveries .-> deliver",
        "```",
    ]
    return "\n".join(lines)


def _names(stage: Stage) -> str:
    return ", ".join(f"`{topic.name}`" for topic in stage.reads)


def within(text: str) -> str:
    """The text with the map between its markers made anew. Raises ValueError where a marker is missing."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError(f"the lines {BEGIN!r} and {END!r} must both stand in the text")
    return f"{before}{BEGIN}\n{diagram()}\n\n{table()}\n{END}{after}"


def schemas() -> dict[str, str]:
    """File name to JSON Schema of each event on the map, dead letters included."""
    events = {topic.event for topic in (*TOPICS, STAGES[0].dead_letters)}
    return {
        f"{event.__name__}.schema.json": json.dumps(msgspec.json.schema(event), indent=2, sort_keys=True) + "\n"
        for event in sorted(events, key=lambda event: event.__name__)
    }


def filter_schema() -> str:
    """The JSON Schema of a filter, as docs/filter.schema.json has it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(root: Path = Path()) -> None:
    """Writes all of it below `root`."""
    readme, folder = root / "README.md", root / "docs" / "events"
    readme.write_text(within(readme.read_text(encoding="utf-8")), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (root / "docs" / "filter.schema.json").write_text(filter_schema(), encoding="utf-8")
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
