"""A Kafka in memory that fails to order: librdkafka's mock cluster, out of the confluent-kafka wheel, by its C interface.

It refuses requests with a given error, answers late, or is not there. It is not a real broker: nothing is on disk, a long
poll is not woken by a new message, and a group has one member at a time; for all that there is the real one.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import files
from pathlib import Path
from typing import Any

PRODUCE, FETCH, OFFSET_COMMIT, JOIN_GROUP, HEARTBEAT, SYNC_GROUP = 0, 1, 8, 11, 12, 14
"""Numbers of request kinds in Kafka's protocol."""

UNKNOWN, CORRUPT, NOT_LEADER, TIMED_OUT, NOT_COORDINATOR, TOO_FEW_REPLICAS = -1, 2, 6, 7, 16, 19
ILLEGAL_GENERATION, UNKNOWN_MEMBER, NOT_AUTHORISED_TOPIC, NOT_AUTHORISED_GROUP, OUT_OF_ORDER = 22, 25, 29, 30, 45
"""Numbers of errors in Kafka's protocol."""

BROKER = 1
POINTER, TEXT, INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int


class MockKafka:
    """One broker; `bootstrap` is its address."""

    def __init__(self, library: Any, cluster: int) -> None:
        self._c, self._cluster = library, POINTER(cluster)
        self.bootstrap: str = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def topic(self, name: str, partitions: int) -> None:
        """Makes a topic."""
        assert self._c.rd_kafka_mock_topic_create(self._cluster, name.encode(), partitions, 1) == 0

    def refuse(self, request: int, *errors: int) -> None:
        """Answers the next requests of this kind with these errors, one each."""
        codes = (INT * len(errors))(*errors)
        self._c.rd_kafka_mock_push_request_errors_array(self._cluster, ctypes.c_int16(request), len(errors), codes)

    def allow(self, request: int) -> None:
        """Forgets errors that were not given yet."""
        self._c.rd_kafka_mock_clear_request_errors(self._cluster, ctypes.c_int16(request))

    def slow(self, seconds: float) -> None:
        """Every answer takes so long from now on."""
        assert self._c.rd_kafka_mock_broker_set_rtt(self._cluster, ctypes.c_int32(BROKER), int(seconds * 1000)) == 0

    def down(self) -> None:
        """Closes every connection, and takes none."""
        assert self._c.rd_kafka_mock_broker_set_down(self._cluster, ctypes.c_int32(BROKER)) == 0

    def up(self) -> None:
        """Is there again, with what it had."""
        assert self._c.rd_kafka_mock_broker_set_up(self._cluster, ctypes.c_int32(BROKER)) == 0


@contextmanager
def mock_kafka() -> Iterator[MockKafka]:
    """A cluster of one broker on a free port of 127.0.0.1."""
    library = _library()
    reason = ctypes.create_string_buffer(512)
    settings = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(settings, b"log_level", b"0", reason, len(reason))
    client = library.rd_kafka_new(0, settings, reason, len(reason))
    assert client, reason.value
    cluster = library.rd_kafka_mock_cluster_new(POINTER(client), 1)
    try:
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(POINTER(cluster), ctypes.c_int32(0))
        yield MockKafka(library, cluster)
    finally:
        library.rd_kafka_mock_cluster_destroy(POINTER(cluster))
        library.rd_kafka_destroy(POINTER(client))


@cache
def _library() -> Any:
    """The wheel's own librdkafka."""
    import confluent_kafka  # noqa: F401 - loads what the library needs

    found = [file for file in files("confluent-kafka") or [] if file.name.startswith(("librdkafka-", "librdkafka."))]
    library = ctypes.CDLL(str(Path(found[0].locate())))
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, name).restype = POINTER
    library.rd_kafka_new.argtypes = [INT, POINTER, TEXT, ctypes.c_size_t]
    library.rd_kafka_conf_set.argtypes = [POINTER, TEXT, TEXT, TEXT, ctypes.c_size_t]
    library.rd_kafka_mock_cluster_new.argtypes = [POINTER, INT]
    library.rd_kafka_mock_cluster_bootstraps.restype = TEXT
    library.rd_kafka_mock_topic_create.argtypes = [POINTER, TEXT, INT, INT]
    library.rd_kafka_mock_push_request_errors_array.argtypes = [POINTER, ctypes.c_int16, ctypes.c_size_t, POINTER]
    library.rd_kafka_mock_broker_set_rtt.argtypes = [POINTER, ctypes.c_int32, INT]
    return library
