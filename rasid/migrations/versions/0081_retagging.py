"""Tagging again: what rules said, in which language an article was tagged, and how far a change of rules has got."""

import sqlalchemy as sa
from alembic import op

revision = "0081_retagging"
down_revision = "0080_pages"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("classifier_rule_sets", sa.Column("content", sa.LargeBinary()))
    op.add_column("store_articles", sa.Column("declared", sa.Text()))
    op.add_column("store_articles", sa.Column("detected", sa.Text()))
    op.create_table(
        "store_retags",
        sa.Column("rules_seq", _BIG, autoincrement=False, nullable=False),
        sa.Column("base", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("languages", sa.LargeBinary()),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reached", _BIG, nullable=False),
        sa.Column("last", _BIG, nullable=False),
        sa.Column("looked_at", _BIG, nullable=False),
        sa.Column("recalled", _BIG, nullable=False),
        sa.Column("lease", sa.Text()),
        sa.Column("waits_for", sa.Text()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("rules_seq", name=op.f("pk_store_retags")),
    )


def downgrade() -> None:
    op.drop_table("store_retags")
    op.drop_column("store_articles", "detected")
    op.drop_column("store_articles", "declared")
    op.drop_column("classifier_rule_sets", "content")
