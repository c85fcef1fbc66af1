"""What articles speak of."""

import sqlalchemy as sa
from alembic import op

revision = "0060_mentions"
down_revision = "0055_sinks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('store_mentions',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['sequence'], ['store_articles.sequence'], name=op.f('fk_store_mentions_sequence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sequence', 'kind', 'id', name=op.f('pk_store_mentions')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_store_mentions_kind_id_sequence'), 'store_mentions', ['kind', 'id', 'sequence'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_store_mentions_kind_id_sequence'), table_name='store_mentions')
    op.drop_table('store_mentions')
