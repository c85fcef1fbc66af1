"""Which rule sets were in force, in their order: what gives a rule set its number; and what they said, for as long as it may
be asked what changed since."""

import zlib
from collections.abc import Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Column, Connection, LargeBinary, String, Table, func, insert, select, update

from services.classifier.core.reading import ENGINE
from services.classifier.core.rules import RuleSet
from shared.database import in_turn
from shared.tables import METADATA, Big, Instant

RULE_SETS = Table(
    "classifier_rule_sets",
    METADATA,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("version", String(64), nullable=False),
    Column("activated_at", Instant, nullable=False),
    Column("content", LargeBinary),
)
"""`content`: the rules, msgpack of a _Content under zlib; null where they came before it was kept, or long ago."""

KEPT = 50
"""How many of the last rule sets are kept in full."""


class _Content(msgspec.Struct, frozen=True):
    engine: str
    rules: RuleSet


def activate(tx: Connection, rules: RuleSet, now: datetime) -> int:
    """The number of this rule set from now on (`rules_seq`): the last one's if it is the same, else the next, so that going
    back to older rules is a new number too."""
    in_turn(tx, RULE_SETS.name)  # processes that start together agree
    seq = RULE_SETS.c.seq
    content = zlib.compress(msgspec.msgpack.encode(_Content(ENGINE, rules)))
    last = tx.execute(select(seq, RULE_SETS.c.version, RULE_SETS.c.content).order_by(seq.desc()).limit(1)).first()
    if last is not None and last.version == rules.version:
        if last.content is None:
            tx.execute(update(RULE_SETS).where(seq == last.seq).values(content=content))
        return int(last.seq)
    added = insert(RULE_SETS).values(version=rules.version, activated_at=now, content=content).returning(seq)
    number = int(tx.execute(added).scalar_one())
    tx.execute(update(RULE_SETS).where(seq <= number - KEPT, RULE_SETS.c.content.is_not(None)).values(content=None))
    return number


def newest(tx: Connection) -> int:
    """The number of the rules in force; 0 before the first."""
    return tx.execute(select(func.max(RULE_SETS.c.seq))).scalar() or 0


def kept(tx: Connection, first: int, last: int) -> Mapping[int, RuleSet] | None:
    """The rule sets with these numbers, from the first to the last; None where one of them is not kept, or was read by another
    engine, so that nobody can say what changed."""
    numbered = RULE_SETS.c.seq.between(first, last)
    rows = tx.execute(select(RULE_SETS.c.seq, RULE_SETS.c.content).where(numbered).order_by(RULE_SETS.c.seq)).all()
    if not rows or rows[0].seq != first or rows[-1].seq != last or any(row.content is None for row in rows):
        return None
    found = {row.seq: _decode(zlib.decompress(row.content)) for row in rows}
    return None if any(one.engine != ENGINE for one in found.values()) else {seq: one.rules for seq, one in found.items()}


_decode = msgspec.msgpack.Decoder(_Content).decode
