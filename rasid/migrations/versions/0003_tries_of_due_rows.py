"""Tries of due rows, entries that are set aside, and texts counted instead of timed."""

import sqlalchemy as sa
from alembic import op

revision = "0003_tries_of_due_rows"
down_revision = "0002_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "runtime_tries",
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("stage", "row_key", name=op.f("pk_runtime_tries")),
    )
    with op.batch_alter_table("crawler_fetches") as table:  # SQLite can change no column in place
        table.alter_column("due_at", existing_type=sa.BigInteger(), nullable=True)
    op.execute("ALTER TABLE crawler_pages ADD COLUMN version INTEGER NOT NULL DEFAULT 0")
    with op.batch_alter_table("crawler_pages") as table:
        table.alter_column("version", existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        table.drop_column("observed_at")


def downgrade() -> None:
    op.execute("ALTER TABLE crawler_pages ADD COLUMN observed_at BIGINT NOT NULL DEFAULT 0")
    with op.batch_alter_table("crawler_pages") as table:
        table.alter_column("observed_at", existing_type=sa.BigInteger(), existing_nullable=False, server_default=None)
        table.drop_column("version")
    with op.batch_alter_table("crawler_fetches") as table:
        table.alter_column("due_at", existing_type=sa.BigInteger(), nullable=False)
    op.drop_table("runtime_tries")
