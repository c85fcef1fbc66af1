"""The tables of alerts. Only this service writes here.

`alerts_deliveries.due_at` says when a row is next to be looked at, whatever for: an attempt, a lease that ended, a result
that is to be told. NULL: nothing is to be done. A row with a lease token is under way until `due_at`.
"""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from shared.tables import METADATA, Big, Instant

SUBSCRIPTIONS = Table(
    "alerts_subscriptions",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("filter", Text, nullable=False),  # JSON, as given
    Column("include_backfill", Boolean, nullable=False),
    Column("manner", Text, nullable=False, server_default="{}"),  # JSON: core/manner.py
    Column("endpoint_id", String(64), ForeignKey("alerts_endpoints.id"), nullable=False),
    Column("state", String(16), nullable=False),  # active, removed
    Column("change", Big, nullable=False, unique=True),  # grows with every write: readers notice by the largest
    Column("created_at", Instant, nullable=False),
)

ENDPOINTS = Table(
    "alerts_endpoints",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("kind", String(16), nullable=False, server_default="webhook"),  # core/sink.py
    Column("url", Text, nullable=False),  # as it may be shown
    Column("sealed", LargeBinary, nullable=False),  # secrets and custom headers, encrypted
    Column("ownership", String(16), nullable=False),  # how it is shown that the receiver wants this: core/ownership.py
    Column("proven_at", Instant),  # when it was
    Column("state", String(16), nullable=False),  # active, paused, disabled, unproven: core/health.py
    Column("reason", Text, nullable=False),
    Column("paused_until", Instant),
    Column("busy_until", Instant),  # the token bucket: core/budget.py
    Column("failing_since", Instant),
    Column("failures", Integer, nullable=False),  # in a row
    Column("opened_at", Instant),  # the breaker is open since
    Column("probe_at", Instant),  # when a failing or disabled endpoint is next probed
    Column("probe_wait", Float, nullable=False, server_default="0"),  # seconds before that probe
    Column("recent", Text, nullable=False, server_default="[]"),  # JSON: attempts and failures of the last minutes
    Column("look_at", Instant, index=True),  # none of its deliveries is due before; NULL: none at all
    Column("noticed", Integer, nullable=False, server_default="0"),  # percent of the time until it is disabled, last told of
    Column("created_at", Instant, nullable=False),
)

NOTICES = Table(
    "alerts_notices",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=True),
    Column("endpoint_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("message", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

DELIVERIES = Table(
    "alerts_deliveries",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("webhook_id", String(64), nullable=False, unique=True),
    Column("subscription_id", String(64), nullable=False),
    Column("endpoint_id", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(64), nullable=False),  # article id; of a test the subscription's
    Column("number", Integer, nullable=False),  # revision
    Column("url", Text),  # the article's
    Column("body", LargeBinary, nullable=False),  # the exact bytes of every attempt
    Column("state", String(16), nullable=False),  # pending, ok, dead, parked, superseded; gathering, gathered
    Column("due_at", Instant),
    Column("lease", String(64)),
    Column("waits_for", String(64)),  # the delivery that must be settled first
    Column("within", String(64)),  # the digest it went into
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),  # attempts that spent the schedule
    Column("error", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
)

Index("ix_alerts_deliveries_due", DELIVERIES.c.endpoint_id, DELIVERIES.c.state, DELIVERIES.c.due_at)
Index("ix_alerts_deliveries_state", DELIVERIES.c.state, DELIVERIES.c.due_at)
Index("ix_alerts_deliveries_subject", DELIVERIES.c.subject)
Index("ix_alerts_deliveries_subscription", DELIVERIES.c.subscription_id, DELIVERIES.c.sequence)
_LEASED = DELIVERIES.c.lease.is_not(None)
Index(
    "ix_alerts_deliveries_leased", DELIVERIES.c.endpoint_id, DELIVERIES.c.due_at, sqlite_where=_LEASED, postgresql_where=_LEASED
)
_WAITING = DELIVERIES.c.waits_for.is_not(None)
Index("ix_alerts_deliveries_waiting", DELIVERIES.c.waits_for, sqlite_where=_WAITING, postgresql_where=_WAITING)

REDRIVES = Table(
    "alerts_redrives",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=True),
    Column("id", String(64), nullable=False, unique=True),
    Column("request", Text, nullable=False),  # JSON: core/redrive.py
    Column("state", String(16), nullable=False),  # running, done, failed
    Column("reached", Big, nullable=False),  # the last delivery it looked at
    Column("last", Big, nullable=False),  # the last there was when it was made
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
)

IDEMPOTENCY = Table(
    "alerts_idempotency",
    METADATA,
    Column("key", String(64), primary_key=True),  # of the key that was sent, its digest
    Column("fingerprint", String(64), nullable=False),  # of the request it came with
    Column("answer", LargeBinary, nullable=False),  # encrypted: it may hold a secret
    Column("created_at", Instant, nullable=False),
)

_WITHIN = DELIVERIES.c.within.is_not(None)
Index("ix_alerts_deliveries_within", DELIVERIES.c.within, sqlite_where=_WITHIN, postgresql_where=_WITHIN)

ATTEMPTS = Table(
    "alerts_attempts",
    METADATA,
    Column("sequence", Big, primary_key=True, autoincrement=True),
    Column("delivery_id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),  # NULL: under way, or the process ended before it heard
    Column("status", Integer),
    Column("cause", String(32)),  # why there was no answer
    Column("detail", Text, nullable=False),
    Column("excerpt", Text, nullable=False),
    Column("address", String(64)),
    Column("times", Text, nullable=False),  # JSON: milliseconds since the start
    UniqueConstraint("delivery_id", "number"),
)
