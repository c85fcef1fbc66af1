"""Matches subscriptions and delivers signed webhooks."""
