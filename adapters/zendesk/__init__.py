"""Zendesk Support, over its REST API v2 (through zenpy) and its webhooks (event subscriptions and triggers)."""

from __future__ import annotations

from adapters.helpdesk import Adapter
from adapters.ticket import Provider
from adapters.zendesk import poll as lists
from adapters.zendesk.api import connect_api
from adapters.zendesk.capabilities import CAPABILITIES
from adapters.zendesk.hydrate import hydrate
from adapters.zendesk.requests import find_marker, send, to_requests
from adapters.zendesk.webhook import parse, verify

ADAPTER = Adapter(
    provider=Provider.ZENDESK,
    stamp_grain_s=1.0,
    capabilities=CAPABILITIES,
    verify=verify,
    parse=parse,
    connect_api=connect_api,
    hydrate=hydrate,
    to_requests=to_requests,
    send=send,
    find_marker=find_marker,
    poll=lists.poll,
    me=lists.me,
    macros=lists.macros,
    preview=lists.preview,
    teams=lists.teams,
    agents=lists.agents,
)
