"""The Zendesk stand-in: Support REST v2 as far as a bot uses it, event-subscription and trigger webhooks."""

from sandbox.zendesk.desk import ZendeskDesk as ZendeskDesk
