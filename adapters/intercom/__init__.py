"""Intercom: conversations and tickets. Each file as at the other providers; dialect.py holds what differs by version."""

from adapters.helpdesk import Adapter
from adapters.intercom.api import connect_api
from adapters.intercom.capabilities import CAPABILITIES
from adapters.intercom.hydrate import hydrate
from adapters.intercom.poll import agents, macros, me, poll, preview, teams
from adapters.intercom.requests import find_marker, send, to_requests
from adapters.intercom.webhook import parse, verify
from adapters.ticket import Provider

ADAPTER = Adapter(
    provider=Provider.INTERCOM,
    stamp_grain_s=0.0,  # no conditional writes here
    capabilities=CAPABILITIES,
    verify=verify,
    parse=parse,
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
)
