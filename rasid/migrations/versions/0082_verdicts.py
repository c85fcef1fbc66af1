"""Verdicts: what people said of articles' topics."""

import sqlalchemy as sa
from alembic import op

revision = "0082_verdicts"
down_revision = "0081_retagging"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store_filings", sa.Column("human", sa.LargeBinary()))
    op.create_table(
        "store_verdicts",
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("rules_version", sa.Text()),
        sa.Column("score", sa.Float()),
        sa.Column("tag", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("article", "topic", name=op.f("pk_store_verdicts")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("store_verdicts")
    op.drop_column("store_filings", "human")
