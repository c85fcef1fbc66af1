"""Publishing to Kafka so that a failure is neither lost nor overtaken.

One publisher serves one stage, a batch at a time. It stops at the first message the broker did not take, gives up the
producer with all that is queued behind, and says Retry: the caller keeps its input and comes again.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from logging import getLogger

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared import metrics
from shared.handlers import Outgoing
from shared.outcomes import Retry
from shared.topology import MIB, Topic

log = getLogger(__name__)

CLOSE_SECONDS = 1.0
ENVELOPE_BYTES = 64 * 1024
"""What a message may weigh beyond its value: key, headers, the batch around it."""

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


class Publisher:
    """A producer that comes into being when it is needed and is rebuilt after a failure. `seconds`: how long the broker may
    be away before a message counts as not taken; within it, order is kept by waiting."""

    def __init__(self, bootstrap: str, name: str, topics: Iterable[Topic], seconds: float) -> None:
        self._bootstrap, self._name, self._seconds = bootstrap, name, seconds
        self._max_bytes = max([MIB, *(topic.max_bytes + ENVELOPE_BYTES for topic in topics)])
        self._producer: AIOKafkaProducer | None = None
        self._failures = 0
        self._one = asyncio.Lock()

    async def publish(self, records: Sequence[Outgoing]) -> None:
        """Returns when the broker has every record, in order. Raises Retry where it has not; some may be there then."""
        if records:
            async with self._one:
                await self._publish(records)

    async def _publish(self, records: Sequence[Outgoing]) -> None:
        try:
            async with asyncio.timeout(self._seconds):  # with idempotence the library itself tries for ever
                await self._send(await self._ready(), records)
        except (KafkaError, TimeoutError) as error:
            await self._give_up()
            self._failures += 1
            pause = min(FIRST_PAUSE * 2 ** (self._failures - 1), LONGEST_PAUSE)
            raise Retry(f"could not publish: {str(error) or type(error).__name__}", after=pause) from error
        except asyncio.CancelledError:
            await self._give_up()
            raise
        self._failures = 0
        for topic, count in Counter(record.topic for record in records).items():
            metrics.PUBLISHED.labels(topic).inc(count)

    async def close(self) -> None:
        """Ends the producer; nothing is under way between two calls of `publish`."""
        await self._give_up()

    async def _ready(self) -> AIOKafkaProducer:
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id=f"rasid-{self._name}",
                acks="all",
                enable_idempotence=True,
                linger_ms=5,
                max_batch_size=65536,
                max_request_size=self._max_bytes,
                request_timeout_ms=int(self._seconds * 1000),
            )
            await self._producer.start()
        return self._producer

    async def _send(self, producer: AIOKafkaProducer, records: Sequence[Outgoing]) -> None:
        """Returns when every record is taken; raises with the first that is not."""
        settled: asyncio.Future[BaseException | None] = asyncio.get_running_loop().create_future()
        taken = 0

        def _note(answer: "asyncio.Future[object]") -> None:
            nonlocal taken
            error = answer.exception()
            taken += error is None
            if not settled.done() and (error is not None or taken == len(records)):
                settled.set_result(error)

        for record in records:
            answer = await producer.send(record.topic, record.value, key=record.key.encode())
            answer.add_done_callback(_note)
            if settled.done():  # a batch that expired makes room: what comes behind it must not go first
                break
        if (error := await settled) is not None:
            raise error

    async def _give_up(self) -> None:
        """Drops the producer and what is queued. `stop()` alone would send the queue, which then overtakes what failed."""
        producer, self._producer = self._producer, None
        if producer is None:
            return
        sender = producer._sender.sender_task
        if sender is not None:
            sender.cancel()
        with suppress(KafkaError, TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await producer.client.close()  # ends the requests under way, which the sender waits for
                if sender is not None:
                    await asyncio.wait([sender])
        producer._closed = True  # nothing is left that its stop() would have to end
