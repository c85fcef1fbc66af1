"""Manners of alerting, and what is gathered."""

import sqlalchemy as sa
from alembic import op

revision = "0054_digests"
down_revision = "0053_endpoint_look"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('alerts_subscriptions', sa.Column('manner', sa.Text(), nullable=False, server_default='{}'))
    op.add_column('alerts_deliveries', sa.Column('within', sa.String(length=64), nullable=True))
    op.create_index('ix_alerts_deliveries_within', 'alerts_deliveries', ['within'], unique=False, sqlite_where=sa.text('within IS NOT NULL'), postgresql_where=sa.text('within IS NOT NULL'))


def downgrade() -> None:
    op.drop_index('ix_alerts_deliveries_within', table_name='alerts_deliveries')
    op.drop_column('alerts_deliveries', 'within')
    op.drop_column('alerts_subscriptions', 'manner')
