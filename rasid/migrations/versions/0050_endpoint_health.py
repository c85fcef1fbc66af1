"""The health of endpoints: circuit breaker, probes, notices."""

import sqlalchemy as sa
from alembic import op

revision = "0050_endpoint_health"
down_revision = "0003_tries_of_due_rows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('alerts_endpoints', sa.Column('opened_at', sa.BigInteger(), nullable=True))
    op.add_column('alerts_endpoints', sa.Column('probe_at', sa.BigInteger(), nullable=True))
    op.add_column('alerts_endpoints', sa.Column('probe_wait', sa.Float(), nullable=False, server_default='0'))
    op.add_column('alerts_endpoints', sa.Column('recent', sa.Text(), nullable=False, server_default='[]'))
    op.add_column('alerts_endpoints', sa.Column('noticed', sa.Integer(), nullable=False, server_default='0'))
    op.create_table('alerts_notices',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('endpoint_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_alerts_notices'))
    )


def downgrade() -> None:
    op.drop_table('alerts_notices')
    for name in ('noticed', 'recent', 'probe_wait', 'probe_at', 'opened_at'):
        op.drop_column('alerts_endpoints', name)
