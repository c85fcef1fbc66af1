"""Whether a source's pages are fetched, and what a page gave, until it is published."""

import sqlalchemy as sa
from alembic import op

revision = "0080_pages"
down_revision = "0070_moves"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('crawler_sources', sa.Column('pages', sa.String(length=8), nullable=True))
    op.add_column('crawler_fetch_leases', sa.Column('told', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('crawler_fetch_leases', 'told')
    op.drop_column('crawler_sources', 'pages')
