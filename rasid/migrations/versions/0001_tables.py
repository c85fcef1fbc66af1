"""All tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001_tables"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alerts_attempts',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('delivery_id', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('cause', sa.String(length=32), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('excerpt', sa.Text(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=True),
    sa.Column('times', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_alerts_attempts')),
    sa.UniqueConstraint('delivery_id', 'number', name=op.f('uq_alerts_attempts_delivery_id_number'))
    )
    op.create_table('alerts_deliveries',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('webhook_id', sa.String(length=64), nullable=False),
    sa.Column('subscription_id', sa.String(length=64), nullable=False),
    sa.Column('endpoint_id', sa.String(length=64), nullable=False),
    sa.Column('kind', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=True),
    sa.Column('lease', sa.String(length=64), nullable=True),
    sa.Column('waits_for', sa.String(length=64), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('settled_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_alerts_deliveries')),
    sa.UniqueConstraint('id', name=op.f('uq_alerts_deliveries_id')),
    sa.UniqueConstraint('webhook_id', name=op.f('uq_alerts_deliveries_webhook_id'))
    )
    op.create_index('ix_alerts_deliveries_due', 'alerts_deliveries', ['endpoint_id', 'state', 'due_at'], unique=False)
    op.create_index('ix_alerts_deliveries_leased', 'alerts_deliveries', ['endpoint_id', 'due_at'], unique=False, sqlite_where=sa.text('lease IS NOT NULL'), postgresql_where=sa.text('lease IS NOT NULL'))
    op.create_index('ix_alerts_deliveries_state', 'alerts_deliveries', ['state', 'due_at'], unique=False)
    op.create_index('ix_alerts_deliveries_subject', 'alerts_deliveries', ['subject'], unique=False)
    op.create_index('ix_alerts_deliveries_subscription', 'alerts_deliveries', ['subscription_id', 'sequence'], unique=False)
    op.create_index('ix_alerts_deliveries_waiting', 'alerts_deliveries', ['waits_for'], unique=False, sqlite_where=sa.text('waits_for IS NOT NULL'), postgresql_where=sa.text('waits_for IS NOT NULL'))
    op.create_table('alerts_endpoints',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('ownership', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('paused_until', sa.BigInteger(), nullable=True),
    sa.Column('busy_until', sa.BigInteger(), nullable=True),
    sa.Column('failing_since', sa.BigInteger(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_alerts_endpoints')),
    sa.UniqueConstraint('id', name=op.f('uq_alerts_endpoints_id'))
    )
    op.create_table('classifier_rule_sets',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('activated_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_classifier_rule_sets'))
    )
    op.create_table('crawler_aliases',
    sa.Column('url_key', sa.String(length=32), nullable=False),
    sa.Column('article_id', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('url_key', name=op.f('pk_crawler_aliases'))
    )
    op.create_table('crawler_fetch_leases',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('until', sa.BigInteger(), nullable=False),
    sa.Column('token', sa.String(length=32), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_crawler_fetch_leases'))
    )
    op.create_table('crawler_fetches',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('entry_id', sa.String(length=32), nullable=False),
    sa.Column('article_id', sa.String(length=32), nullable=False),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('entry', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_crawler_fetches'))
    )
    op.create_index('ix_crawler_fetches_article', 'crawler_fetches', ['article_id', 'seq'], unique=False)
    op.create_table('crawler_pages',
    sa.Column('article_id', sa.String(length=32), nullable=False),
    sa.Column('source_id', sa.String(length=32), nullable=False),
    sa.Column('entry_id', sa.String(length=32), nullable=False),
    sa.Column('observed_at', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('content_key', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('article_id', name=op.f('pk_crawler_pages'))
    )
    op.create_table('crawler_seen',
    sa.Column('source_id', sa.String(length=32), nullable=False),
    sa.Column('guid_key', sa.String(length=32), nullable=False),
    sa.Column('article_id', sa.String(length=32), nullable=False),
    sa.Column('url_key', sa.String(length=32), nullable=True),
    sa.Column('title_key', sa.String(length=32), nullable=False),
    sa.Column('content_key', sa.String(length=32), nullable=False),
    sa.Column('published_at', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'guid_key', name=op.f('pk_crawler_seen'))
    )
    op.create_index('ix_crawler_seen_article', 'crawler_seen', ['source_id', 'article_id'], unique=False)
    op.create_table('crawler_sources',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('cause', sa.String(length=32), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('added_at', sa.BigInteger(), nullable=False),
    sa.Column('polled_at', sa.BigInteger(), nullable=True),
    sa.Column('first_ok_at', sa.BigInteger(), nullable=True),
    sa.Column('due_at', sa.BigInteger(), nullable=False),
    sa.Column('lease_until', sa.BigInteger(), nullable=True),
    sa.Column('lease_token', sa.String(length=32), nullable=True),
    sa.Column('interval', sa.Float(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('etag', sa.Text(), nullable=True),
    sa.Column('last_modified', sa.Text(), nullable=True),
    sa.Column('body_hash', sa.String(length=32), nullable=True),
    sa.Column('moved_to', sa.Text(), nullable=True),
    sa.Column('moved_seen', sa.Integer(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('found', sa.Integer(), nullable=False),
    sa.Column('pending', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_crawler_sources')),
    sa.UniqueConstraint('url', name=op.f('uq_crawler_sources_url'))
    )
    op.create_index('ix_crawler_sources_due', 'crawler_sources', ['state', 'due_at'], unique=False)
    op.create_table('runtime_log',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('seq', name=op.f('pk_runtime_log')),
    sqlite_autoincrement=True
    )
    op.create_index(op.f('ix_runtime_log_topic_seq'), 'runtime_log', ['topic', 'seq'], unique=False)
    op.create_table('runtime_progress',
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('stage', name=op.f('pk_runtime_progress'))
    )
    op.create_table('store_articles',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('change', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('rules_seq', sa.Integer(), nullable=False),
    sa.Column('rules_version', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('language', sa.Text(), nullable=True),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('source_name', sa.Text(), nullable=False),
    sa.Column('source_url', sa.Text(), nullable=True),
    sa.Column('authors', sa.LargeBinary(), nullable=True),
    sa.Column('published_at', sa.BigInteger(), nullable=True),
    sa.Column('updated_at', sa.BigInteger(), nullable=True),
    sa.Column('observed_at', sa.BigInteger(), nullable=False),
    sa.Column('dated_at', sa.BigInteger(), nullable=False),
    sa.Column('filed_at', sa.BigInteger(), nullable=False),
    sa.Column('body_from', sa.Text(), nullable=False),
    sa.Column('backfill', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_store_articles')),
    sa.UniqueConstraint('article_id', name=op.f('uq_store_articles_article_id')),
    sa.UniqueConstraint('change', name=op.f('uq_store_articles_change'))
    )
    op.create_index(op.f('ix_store_articles_dated_at'), 'store_articles', ['dated_at'], unique=False)
    op.create_index(op.f('ix_store_articles_language_sequence'), 'store_articles', ['language', 'sequence'], unique=False)
    op.create_index(op.f('ix_store_articles_source_id_sequence'), 'store_articles', ['source_id', 'sequence'], unique=False)
    op.create_index(op.f('ix_store_articles_url'), 'store_articles', ['url'], unique=False)
    op.create_table('store_counters',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('change', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_store_counters'))
    )
    op.create_table('store_source_health',
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('cause', sa.Text(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('polled_at', sa.BigInteger(), nullable=False),
    sa.Column('next_poll', sa.BigInteger(), nullable=True),
    sa.Column('found_at', sa.BigInteger(), nullable=True),
    sa.Column('well_at', sa.BigInteger(), nullable=True),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('polls', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('found', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.PrimaryKeyConstraint('source_id', name=op.f('pk_store_source_health'))
    )
    op.create_table('store_traces',
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('article_id', 'stage', 'event_id', name=op.f('pk_store_traces')),
    sqlite_with_rowid=False
    )
    op.create_table('store_witnesses',
    sa.Column('article_id', sa.Text(), nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('source_name', sa.Text(), nullable=False),
    sa.Column('source_url', sa.Text(), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('link', sa.Text(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('published_at', sa.BigInteger(), nullable=True),
    sa.Column('first_seen_at', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('article_id', 'source_id', name=op.f('pk_store_witnesses'))
    )
    op.create_index(op.f('ix_store_witnesses_link'), 'store_witnesses', ['link'], unique=False)
    op.create_index(op.f('ix_store_witnesses_url'), 'store_witnesses', ['url'], unique=False)
    op.create_table('alerts_subscriptions',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('id', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('filter', sa.Text(), nullable=False),
    sa.Column('include_backfill', sa.Boolean(), nullable=False),
    sa.Column('endpoint_id', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('change', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['endpoint_id'], ['alerts_endpoints.id'], name=op.f('fk_alerts_subscriptions_endpoint_id')),
    sa.PrimaryKeyConstraint('sequence', name=op.f('pk_alerts_subscriptions')),
    sa.UniqueConstraint('change', name=op.f('uq_alerts_subscriptions_change')),
    sa.UniqueConstraint('id', name=op.f('uq_alerts_subscriptions_id'))
    )
    op.create_table('store_filings',
    sa.Column('change', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('rules_seq', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('event_id', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['sequence'], ['store_articles.sequence'], name=op.f('fk_store_filings_sequence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('change', name=op.f('pk_store_filings')),
    sa.UniqueConstraint('sequence', 'revision', 'rules_seq', name=op.f('uq_store_filings_sequence_revision_rules_seq'))
    )
    op.create_table('store_revisions',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('revision', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('body_from', sa.Text(), nullable=False),
    sa.Column('published_at', sa.BigInteger(), nullable=True),
    sa.Column('updated_at', sa.BigInteger(), nullable=True),
    sa.Column('observed_at', sa.BigInteger(), nullable=False),
    sa.Column('filed_at', sa.BigInteger(), nullable=False),
    sa.Column('rules_version', sa.Text(), nullable=False),
    sa.Column('topics', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['sequence'], ['store_articles.sequence'], name=op.f('fk_store_revisions_sequence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sequence', 'revision', name=op.f('pk_store_revisions'))
    )
    op.create_table('store_subtopics',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('subtopic', sa.Text(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['sequence'], ['store_articles.sequence'], name=op.f('fk_store_subtopics_sequence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sequence', 'subtopic', name=op.f('pk_store_subtopics')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_store_subtopics_subtopic_sequence'), 'store_subtopics', ['subtopic', 'sequence'], unique=False)
    op.create_table('store_tags',
    sa.Column('sequence', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('threshold', sa.Float(), nullable=False),
    sa.Column('rules_version', sa.Text(), nullable=False),
    sa.Column('subtopics', sa.LargeBinary(), nullable=True),
    sa.Column('evidence', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['sequence'], ['store_articles.sequence'], name=op.f('fk_store_tags_sequence'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sequence', 'topic', name=op.f('pk_store_tags')),
    sqlite_with_rowid=False
    )
    op.create_index(op.f('ix_store_tags_topic_sequence_score'), 'store_tags', ['topic', 'sequence', 'score'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_store_tags_topic_sequence_score'), table_name='store_tags')
    op.drop_table('store_tags')
    op.drop_index(op.f('ix_store_subtopics_subtopic_sequence'), table_name='store_subtopics')
    op.drop_table('store_subtopics')
    op.drop_table('store_revisions')
    op.drop_table('store_filings')
    op.drop_table('alerts_subscriptions')
    op.drop_index(op.f('ix_store_witnesses_url'), table_name='store_witnesses')
    op.drop_index(op.f('ix_store_witnesses_link'), table_name='store_witnesses')
    op.drop_table('store_witnesses')
    op.drop_table('store_traces')
    op.drop_table('store_source_health')
    op.drop_table('store_counters')
    op.drop_index(op.f('ix_store_articles_url'), table_name='store_articles')
    op.drop_index(op.f('ix_store_articles_source_id_sequence'), table_name='store_articles')
    op.drop_index(op.f('ix_store_articles_language_sequence'), table_name='store_articles')
    op.drop_index(op.f('ix_store_articles_dated_at'), table_name='store_articles')
    op.drop_table('store_articles')
    op.drop_table('runtime_progress')
    op.drop_index(op.f('ix_runtime_log_topic_seq'), table_name='runtime_log')
    op.drop_table('runtime_log')
    op.drop_index('ix_crawler_sources_due', table_name='crawler_sources')
    op.drop_table('crawler_sources')
    op.drop_index('ix_crawler_seen_article', table_name='crawler_seen')
    op.drop_table('crawler_seen')
    op.drop_table('crawler_pages')
    op.drop_index('ix_crawler_fetches_article', table_name='crawler_fetches')
    op.drop_table('crawler_fetches')
    op.drop_table('crawler_fetch_leases')
    op.drop_table('crawler_aliases')
    op.drop_table('classifier_rule_sets')
    op.drop_table('alerts_endpoints')
    op.drop_index('ix_alerts_deliveries_waiting', table_name='alerts_deliveries', sqlite_where=sa.text('waits_for IS NOT NULL'), postgresql_where=sa.text('waits_for IS NOT NULL'))
    op.drop_index('ix_alerts_deliveries_subscription', table_name='alerts_deliveries')
    op.drop_index('ix_alerts_deliveries_subject', table_name='alerts_deliveries')
    op.drop_index('ix_alerts_deliveries_state', table_name='alerts_deliveries')
    op.drop_index('ix_alerts_deliveries_leased', table_name='alerts_deliveries', sqlite_where=sa.text('lease IS NOT NULL'), postgresql_where=sa.text('lease IS NOT NULL'))
    op.drop_index('ix_alerts_deliveries_due', table_name='alerts_deliveries')
    op.drop_table('alerts_deliveries')
    op.drop_table('alerts_attempts')
