"""All of this provider under the common names."""

from __future__ import annotations

from adapters.helpdesk import Adapter
from adapters.intercom.api import connect_api
from adapters.intercom.capabilities import CAPABILITIES
from adapters.intercom.field_types import field_types
from adapters.intercom.hydrate import hydrate
from adapters.intercom.people import workspace
from adapters.intercom.poll import agents, macros, me, poll, preview, teams
from adapters.intercom.requests import find_marker, send, shown_as, to_requests
from adapters.intercom.tagging import tagged_by
from adapters.intercom.webhook import READER

ADAPTER = Adapter(
    **READER.half,
    capabilities=CAPABILITIES,
    connect_api=connect_api,
    hydrate=hydrate,
    to_requests=to_requests,
    send=send,
    find_marker=find_marker,
    poll=poll,
    me=me,
    macros=macros,
    preview=preview,
    teams=teams,
    agents=agents,
    field_types=field_types,
    workspace=workspace,
    shown_as=shown_as,
    tagged_by=tagged_by,
)
