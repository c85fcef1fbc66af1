"""Redrives, and requests that are done once."""

import sqlalchemy as sa
from alembic import op

revision = "0052_redrives"
down_revision = "0051_proven_endpoints"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alerts_redrives',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('request', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reached', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('last', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('finished_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_alerts_redrives')),
    sa.UniqueConstraint('id', name=op.f('uq_alerts_redrives_id'))
    )
    op.create_table('alerts_idempotency',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_alerts_idempotency'))
    )


def downgrade() -> None:
    op.drop_table('alerts_idempotency')
    op.drop_table('alerts_redrives')
