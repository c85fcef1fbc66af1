"""The full-text index of the store."""

from alembic import op

revision = "0002_search"
down_revision = "0001_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE store_search USING fts5(title, text, tokenize='ascii')")
    else:
        op.execute(
            "CREATE TABLE store_search (sequence bigint PRIMARY KEY, title text COLLATE \"C\" NOT NULL, text text COLLATE \"C\" NOT NULL, words tsvector"
            " GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(title || ' ' || text, ' '), ''))) STORED)"
        )
        op.execute("CREATE INDEX ix_store_search_words ON store_search USING gin (words)")


def downgrade() -> None:
    op.execute("DROP TABLE store_search")
