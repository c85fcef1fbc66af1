"""Kinds of endpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0055_sinks"
down_revision = "0054_digests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('alerts_endpoints', sa.Column('kind', sa.String(length=16), nullable=False, server_default='webhook'))


def downgrade() -> None:
    op.drop_column('alerts_endpoints', 'kind')
