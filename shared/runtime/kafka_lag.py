"""How many messages wait in front of a stage on Kafka: of the partitions this member has, from where the group stands."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared import metrics

EVERY_SECONDS = 5.0
ASSIGNED_SECONDS = 0.5
"""How soon it looks again where there are no partitions yet."""

ANSWER_SECONDS = 10.0


async def count_waiting(consumer: AIOKafkaConsumer, stage: str, through: Mapping[TopicPartition, int]) -> None:
    """Sets `rasid_stage_lag` every few seconds, until it is cancelled. `through`: where this member has committed."""
    while True:
        with suppress(KafkaError, TimeoutError, OSError):  # told by whoever reads; a number may be late
            async with asyncio.timeout(ANSWER_SECONDS):
                metrics.LAG.labels(stage).set(await _waiting(consumer, through))
        await asyncio.sleep(EVERY_SECONDS if consumer.assignment() else ASSIGNED_SECONDS)


async def _waiting(consumer: AIOKafkaConsumer, through: Mapping[TopicPartition, int]) -> int:
    places = list(consumer.assignment())
    if not places:
        return 0
    ends = await consumer.end_offsets(places)
    return sum([max(0, ends.get(place, 0) - await _stands(consumer, place, through)) for place in places])


async def _stands(consumer: AIOKafkaConsumer, place: TopicPartition, through: Mapping[TopicPartition, int]) -> int:
    """The offset the group reads next: as this member committed it, as another did, or the first there is."""
    if (mine := through.get(place)) is not None:
        return mine
    if (committed := await consumer.committed(place)) is not None:
        return int(committed)
    beginnings = await consumer.beginning_offsets([place])
    return int(beginnings.get(place, 0))
