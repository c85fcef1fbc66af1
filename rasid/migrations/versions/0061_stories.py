"""Stories: which articles report the same."""

import sqlalchemy as sa
from alembic import op

revision = "0061_stories"
down_revision = '0060_mentions'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('store_stories',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('articles', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_store_stories'))
    )
    op.create_table('store_story_keys',
    sa.Column('key', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('dated_at', sa.BigInteger(), nullable=False),
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('key', 'dated_at', 'sequence', name=op.f('pk_store_story_keys')),
    sqlite_with_rowid=False
    )
    op.create_table('store_story_members',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('story', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('relation', sa.Text(), nullable=False),
    sa.Column('of', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('dated_at', sa.BigInteger(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('sketch', sa.LargeBinary(), nullable=False),
    sa.Column('words', sa.LargeBinary(), nullable=False),
    sa.Column('titled', sa.Integer(), nullable=False),
    sa.Column('names', sa.LargeBinary(), nullable=False),
    sa.Column('places', sa.LargeBinary(), nullable=False),
    sa.Column('days', sa.LargeBinary(), nullable=False),
    sa.Column('news', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['sequence'], ['store_articles.sequence'], name=op.f('fk_store_story_members_sequence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_store_story_members'))
    )
    op.create_index(op.f('ix_store_story_members_dated_at'), 'store_story_members', ['dated_at'], unique=False)
    op.create_index(op.f('ix_store_story_members_story'), 'store_story_members', ['story'], unique=False)
    op.add_column('store_filings', sa.Column('told', sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column('store_filings', 'told')
    op.drop_index(op.f('ix_store_story_members_story'), table_name='store_story_members')
    op.drop_index(op.f('ix_store_story_members_dated_at'), table_name='store_story_members')
    op.drop_table('store_story_members')
    op.drop_table('store_story_keys')
    op.drop_table('store_stories')
