"""Every metric rasid exports, by name, in one place. Prometheus text at `/metrics`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

MESSAGES = Counter(
    "rasid_stage_messages_total",
    "Inputs a stage is through with, by outcome: in = handled + dropped + set_aside.",
    ["stage", "outcome"],
    registry=REGISTRY,
)
PUBLISHED = Counter("rasid_published_total", "Messages published, by topic.", ["topic"], registry=REGISTRY)
RETRIES = Counter(
    "rasid_stage_retries_total", "Batches offered again because the world was wrong.", ["stage"], registry=REGISTRY
)
BATCH_SECONDS = Histogram(
    "rasid_stage_batch_seconds",
    "Time a batch took, from read to durable.",
    ["stage"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60),
    registry=REGISTRY,
)
LAG = Gauge("rasid_stage_lag", "Messages that wait in front of a stage.", ["stage"], registry=REGISTRY)
LAST_TURN = Gauge("rasid_stage_last_turn_timestamp_seconds", "When a stage's loop last turned.", ["stage"], registry=REGISTRY)


def values(metric: Counter | Gauge) -> dict[tuple[str, ...], float]:
    """What a metric says now, by the values of its labels in their order. Asks this metric alone: the registry's own question
    gathers all of them."""
    [family] = metric.collect()
    name = family.name + ("_total" if isinstance(metric, Counter) else "")
    return {tuple(sample.labels.values()): sample.value for sample in family.samples if sample.name == name}
