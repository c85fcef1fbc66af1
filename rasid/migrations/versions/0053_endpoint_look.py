"""When an endpoint is next to be looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0053_endpoint_look"
down_revision = "0052_redrives"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('alerts_endpoints', sa.Column('look_at', sa.BigInteger(), nullable=True))
    op.create_index('ix_alerts_endpoints_look_at', 'alerts_endpoints', ['look_at'], unique=False)
    op.execute("UPDATE alerts_endpoints SET look_at = 0")


def downgrade() -> None:
    op.drop_index('ix_alerts_endpoints_look_at', table_name='alerts_endpoints')
    op.drop_column('alerts_endpoints', 'look_at')
