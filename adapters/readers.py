"""What reads each helpdesk's webhooks. The receiver needs no more of them: it calls nobody, so it loads no client."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.freshdesk.webhook import READER as FRESHDESK
from adapters.helpdesk import WebhookReader
from adapters.intercom.webhook import READER as INTERCOM
from adapters.ticket import Provider
from adapters.zendesk.webhook import READER as ZENDESK

READERS: Mapping[Provider, WebhookReader] = {each.provider: each for each in (ZENDESK, INTERCOM, FRESHDESK)}
