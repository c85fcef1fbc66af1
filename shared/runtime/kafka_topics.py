"""Creates the map's topics on a broker. It may run any number of times: it adds what is missing and changes nothing."""

from collections.abc import Iterable
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.runtime.kafka_logs import hushed
from shared.runtime.kafka_publisher import ENVELOPE_BYTES
from shared.topology import Stage, Topic

BROKERS_DEFAULT = -1
HOUR_MS = 3_600_000


class Differs(NamedTuple):
    """A topic stands with another number of partitions than the map says; a key would change its partition, so it is left."""

    topic: str
    mapped: int
    found: int


class Topics(NamedTuple):
    """What `create_topics` did and found."""

    created: list[str]
    differs: list[Differs]


def all_topics(stages: Iterable[Stage]) -> list[Topic]:
    """Every topic these stages read, write or set messages aside in, once."""
    named: dict[str, Topic] = {}
    for stage in stages:
        letters = (stage.dead_letters,) if stage.kind != "door" else ()
        named |= {topic.name: topic for topic in (*stage.reads, *stage.writes, *letters)}
    return list(named.values())


async def create_topics(bootstrap: str, topics: Iterable[Topic], *, replication: int = BROKERS_DEFAULT) -> Topics:
    """Creates those of `topics` that are missing. Raises KafkaError where the broker is away or refuses."""
    wanted = {topic.name: topic for topic in topics}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="rasid-topics")
    try:
        with hushed():
            await admin.start()
        found = {entry["topic"]: len(entry["partitions"]) for entry in await admin.describe_topics()}
        missing = [topic for name, topic in wanted.items() if name not in found]
        if missing:
            await _create(admin, missing, replication)
    finally:
        await admin.close()
    differs = [
        Differs(name, topic.partitions, found[name])
        for name, topic in wanted.items()
        if name in found and found[name] != topic.partitions
    ]
    return Topics([topic.name for topic in missing], differs)


async def _create(admin: AIOKafkaAdminClient, topics: list[Topic], replication: int) -> None:
    answer = await admin.create_topics([_new(topic, replication) for topic in topics])
    for name, code, *detail in answer.topic_errors:
        if code and code != TopicAlreadyExistsError.errno:  # someone else was first: as good
            raise for_code(code)(f"{name}: {detail[0] if detail else ''}")


def _new(topic: Topic, replication: int) -> NewTopic:
    configs = {
        "retention.ms": str(topic.retention_hours * HOUR_MS),
        "max.message.bytes": str(topic.max_bytes + ENVELOPE_BYTES),
    }
    # aiokafka takes "the broker's default" only where assignments are given, be they empty
    assignments: dict[int, list[int]] | None = {} if replication == BROKERS_DEFAULT else None
    return NewTopic(topic.name, topic.partitions, replication, assignments, configs)
