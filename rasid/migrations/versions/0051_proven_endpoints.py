"""When a receiver has shown that it wants messages."""

import sqlalchemy as sa
from alembic import op

revision = "0051_proven_endpoints"
down_revision = "0050_endpoint_health"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('alerts_endpoints', sa.Column('proven_at', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('alerts_endpoints', 'proven_at')
