"""Freshdesk, over its REST API v2 and the webhooks of its automations."""

from __future__ import annotations

from adapters.freshdesk import poll as lists
from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.requests import CAPABILITIES, find_marker, send, to_requests
from adapters.freshdesk.webhook import parse, verify
from adapters.helpdesk import Adapter
from adapters.ticket import Provider

ADAPTER = Adapter(
    provider=Provider.FRESHDESK,
    stamp_grain_s=0.0,
    capabilities=CAPABILITIES,
    verify=verify,
    parse=parse,
    connect_api=FreshdeskApi,
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
