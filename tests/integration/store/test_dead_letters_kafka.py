"""`rasid dead-letters` on Kafka: nothing can be deleted there, and yet what has gone back is no longer listed."""

import asyncio
import uuid

import msgspec
import pytest

from infra.kafka.broker import Broker
from rasid.letters import KafkaLetters
from shared.database import Database
from shared.handlers import Outgoing
from shared.outcomes import Reject
from shared.runtime.kafka_publisher import Publisher
from shared.runtime.kafka_topics import create_topics
from shared.topology import FILE, TOPICS
from tests.brokers import kafka  # noqa: F401 - a fixture
from tests.builders import dead


@pytest.fixture
def own() -> str:
    """The end of this test's ids: the broker keeps what other tests wrote."""
    return f"-{uuid.uuid4().hex}"


@pytest.fixture
def letters(kafka: Broker, database: Database, own: str) -> KafkaLetters:  # noqa: F811 - the fixture above
    """A broker with two letters, as a stage's runtime writes them."""

    async def fill() -> None:
        await create_topics(kafka.bootstrap, [*TOPICS, FILE.dead_letters])
        publisher = Publisher(kafka.bootstrap, "test", TOPICS, 30)
        made = [
            dead(event_id=name + own, stage="file", topic="traces.recorded", value=b"it", truncated=name == "cut")
            for name in ("whole", "cut")
        ]
        await publisher.publish([Outgoing(FILE.dead_letters.name, each.key, msgspec.json.encode(each)) for each in made])
        await publisher.close()

    asyncio.run(fill())
    return KafkaLetters(kafka.bootstrap, database)


def test_a_letter_goes_back_and_is_listed_no_more(letters: KafkaLetters, own: str) -> None:
    lying = {each.letter.event_id: each for each in letters.lying("file") if each.letter.event_id.endswith(own)}
    whole, cut = "whole" + own, "cut" + own
    assert lying.keys() == {whole, cut}
    assert letters.put_back(lying[whole])
    with pytest.raises(Reject, match="cannot be put back"):
        letters.put_back(lying[cut])
    left = {each.letter.event_id for each in letters.lying()}
    assert cut in left
    assert whole not in left
    assert letters.lying("match") == []
