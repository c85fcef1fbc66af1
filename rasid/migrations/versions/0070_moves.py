"""How far the move of an embedded database into this one has got."""

import sqlalchemy as sa
from alembic import op

revision = "0070_moves"
down_revision = "0061_stories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('runtime_moves',
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('position', sa.Text(), nullable=False),
    sa.Column('rows', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('done', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('part', name=op.f('pk_runtime_moves'))
    )


def downgrade() -> None:
    op.drop_table('runtime_moves')
