"""A runtime's place on a mock cluster that fails to order."""

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError

from shared.runtime.kafka import KafkaRuntime
from shared.runtime.kafka_topics import all_topics
from shared.topology import Stage
from tests.contract.carriers import Kafka
from tests.contract.house import House
from tests.mock_kafka import MockKafka


class Mocked(Kafka):
    """This runtime on this cluster."""

    def __init__(self, database_url: str, house: House, cluster: MockKafka, kind: type[KafkaRuntime]) -> None:
        super().__init__(database_url, house, cluster.bootstrap)
        self.cluster, self.kind = cluster, kind

    async def open(self) -> None:
        """The cluster makes topics by its own interface alone."""
        for topic in all_topics(self.house.stages):
            self.cluster.topic(topic.name, topic.partitions)

    async def progress(self, stage: Stage) -> int:
        """The cluster does not list a group's offsets; it tells each. 0 while it is gone."""
        [topic] = stage.reads
        reader = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, group_id=stage.name, enable_auto_commit=False)
        try:
            await reader.start()
            places = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
            reader.assign(places)
            return sum([await reader.committed(place) or 0 for place in places])
        except KafkaConnectionError:
            return 0
        finally:
            await reader.stop()
