"""`rasid topology`: the map, for a person or a program; and its topics made on a broker."""

import asyncio

import click
import msgspec
from aiokafka.errors import KafkaError
from rich.table import Table

from rasid.screen import Screen
from rasid.settings import Differs, Refused, Unreachable, read_settings
from shared.runtime.kafka_topics import BROKERS_DEFAULT, all_topics, create_topics
from shared.settings import Common
from shared.topology import STAGES, TOPICS


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One object: topics and stages.")
@click.option("--create", is_flag=True, help="Make the topics that are missing on the broker of RASID_KAFKA.")
@click.option("--replication", type=click.IntRange(1), help="Copies of each partition; else what the broker has as default.")
def topology(as_json: bool, create: bool, replication: int | None) -> None:
    """Topics and stages: what flows where, who reads and writes.

    \b
    Example:  rasid topology --json
              RASID_KAFKA=127.0.0.1:9092 rasid topology --create
    """
    if create:
        _create(replication or BROKERS_DEFAULT)
        return
    if as_json:
        click.echo(msgspec.json.encode(_as_object()).decode())
        return
    console = Screen()
    topics = Table("topic", "event", "key", "partitions", "kept", box=None, header_style="bold")
    for topic in TOPICS:
        topics.add_row(topic.name, topic.event.__name__, topic.key, str(topic.partitions), f"{topic.retention_hours} h")
    stages = Table("stage", "service", "kind", "reads", "writes", "does", box=None, header_style="bold")
    for stage in STAGES:
        reads, writes = ("\n".join(topic.name for topic in side) for side in (stage.reads, stage.writes))
        stages.add_row(stage.name, stage.service, stage.kind, reads, writes, stage.does)
    console.print(topics, "", stages)


def _create(replication: int) -> None:
    """Makes what is missing, and says so; ends with 1 where a topic stands with another number of partitions."""
    kafka = read_settings().part(Common).kafka
    if not kafka:
        raise Refused("RASID_KAFKA: say which broker, as host:port")
    try:
        topics = asyncio.run(create_topics(kafka, all_topics(STAGES), replication=replication))
    except KafkaError as error:
        raise Unreachable(f"RASID_KAFKA: {kafka} does not answer; start the broker, or name another: {error}") from error
    for name in topics.created:
        click.echo(name)
    click.echo(f"{len(topics.created)} topics made", err=True)
    if topics.differs:
        told = ", ".join(f"{name} has {found} partitions, the map says {mapped}" for name, mapped, found in topics.differs)
        raise Differs(f"left as they are: {told}")


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
