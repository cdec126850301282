"""Freshdesk, over its REST API v2 and the webhooks of its automations."""
