"""All of this provider under the common names."""

from __future__ import annotations

from adapters.freshdesk import poll as lists
from adapters.freshdesk.api import CALL_LIMITS, RUN_CALLS, FreshdeskApi, credits_of
from adapters.freshdesk.field_types import field_types
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.requests import CAPABILITIES, carrier_tags, find_marker, send, to_requests
from adapters.freshdesk.webhook import READER
from adapters.helpdesk import Adapter

ADAPTER = Adapter(
    **READER.half,
    capabilities=CAPABILITIES,
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
    field_types=field_types,
    call_limits=CALL_LIMITS,
    call_cost=credits_of,
    run_calls=RUN_CALLS,
    carrier_tags=carrier_tags,
)
