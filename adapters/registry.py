"""The adapters by provider: what speaks to a helpdesk's API. The readers of its webhooks alone: adapters/readers.py."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.freshdesk.adapter import ADAPTER as FRESHDESK
from adapters.helpdesk import Adapter
from adapters.intercom.adapter import ADAPTER as INTERCOM
from adapters.ticket import Provider
from adapters.zendesk.adapter import ADAPTER as ZENDESK

ADAPTERS: Mapping[Provider, Adapter] = {each.provider: each for each in (ZENDESK, INTERCOM, FRESHDESK)}
