"""Run by Alembic: the revisions, over the connection and in the transaction that rasid/schema.py gives."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
