"""`rasid topology`: the map, for a person or a program."""

import click
import msgspec
from rich.console import Console
from rich.table import Table

from shared.topology import STAGES, TOPICS


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object: topics and stages.")
def topology(as_json: bool) -> None:
    """Topics and stages: what flows where, who reads and writes.

    \b
    Example:  rasid topology --json
    """
    if as_json:
        click.echo(msgspec.json.encode(_as_object()).decode())
        return
    console = Console()
    topics = Table("topic", "event", "key", "partitions", "kept", box=None, header_style="bold")
    for topic in TOPICS:
        topics.add_row(topic.name, topic.event.__name__, topic.key, str(topic.partitions), f"{topic.retention_hours} h")
    stages = Table("stage", "service", "kind", "reads", "writes", "does", box=None, header_style="bold")
    for stage in STAGES:
        reads, writes = ("\n".join(topic.name for topic in side) for side in (stage.reads, stage.writes))
        stages.add_row(stage.name, stage.service, stage.kind, reads, writes, stage.does)
    console.print(topics, "", stages)


def _as_object() -> dict[str, object]:
    letters = [stage.dead_letters for stage in STAGES if stage.kind != "door"]
    return {
        "topics": [
            {
                "name": topic.name,
                "event": topic.event.__name__,
                "key": topic.key,
                "partitions": topic.partitions,
                "retention_hours": topic.retention_hours,
                "max_bytes": topic.max_bytes,
                "written_by": [stage.name for stage in STAGES if topic in (*stage.writes, stage.dead_letters)],
                "read_by": [stage.name for stage in STAGES if topic in stage.reads],
            }
            for topic in (*TOPICS, *letters)
        ],
        "stages": [
            {
                "name": stage.name,
                "service": stage.service,
                "kind": stage.kind,
                "state": stage.state,
                "reads": [topic.name for topic in stage.reads],
                "writes": [topic.name for topic in stage.writes],
                "dead_letters": stage.dead_letters.name if stage.kind != "door" else None,
                "does": stage.does,
            }
            for stage in STAGES
        ],
    }
