"""Which rule sets were in force, in their order: what gives a rule set its number."""

from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, insert, select

from shared.database import in_turn
from shared.tables import METADATA, Big, Instant

RULE_SETS = Table(
    "classifier_rule_sets",
    METADATA,
    Column("seq", Big, primary_key=True, autoincrement=True),
    Column("version", String(64), nullable=False),
    Column("activated_at", Instant, nullable=False),
)


def activate(tx: Connection, version: str, now: datetime) -> int:
    """The number of this rule set from now on (`rules_seq`): the last one's if it is the same, else the next, so that going
    back to older rules is a new number too."""
    in_turn(tx, RULE_SETS.name)  # processes that start together agree
    last = tx.execute(select(RULE_SETS.c.seq, RULE_SETS.c.version).order_by(RULE_SETS.c.seq.desc()).limit(1)).first()
    if last is not None and last.version == version:
        return int(last.seq)
    added = insert(RULE_SETS).values(version=version, activated_at=now).returning(RULE_SETS.c.seq)
    return int(tx.execute(added).scalar_one())
