"""All of this provider under the common names."""

from __future__ import annotations

from adapters.helpdesk import Adapter
from adapters.zendesk import poll as lists
from adapters.zendesk.api import CALL_LIMITS, connect_api
from adapters.zendesk.capabilities import CAPABILITIES
from adapters.zendesk.field_types import field_types
from adapters.zendesk.hydrate import hydrate
from adapters.zendesk.requests import find_marker, send, to_requests
from adapters.zendesk.tagging import tagged_by
from adapters.zendesk.update import carrier_tags
from adapters.zendesk.webhook import READER

ADAPTER = Adapter(
    **READER.half,
    capabilities=CAPABILITIES,
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
    field_types=field_types,
    call_limits=CALL_LIMITS,
    carrier_tags=carrier_tags,
    tagged_by=tagged_by,
    assignee_moves_team=True,
)
