"""Zendesk Support, over its REST API v2 (through zenpy) and its webhooks (event subscriptions and triggers)."""
