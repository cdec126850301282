"""What the tests of writing share: ticket 42, plans for it, and the requests that they become."""

from __future__ import annotations

from typing import Any

from adapters.ticket import Ticket, TicketType
from adapters.writes import Note, Plan, PlannedWrite, Request, Write
from adapters.zendesk.api import ZendeskApi
from adapters.zendesk.requests import to_requests
from tests.adapters.zendesk.account import KEY, client

STAMP = "2026-01-02T05:00:00Z"


TICKET = Ticket(account="acme", external_id="42", tags=frozenset({"vip", "outage"}), version=STAMP, type=TicketType.INCIDENT)


NOTE = Note(html="<p>Note DHMARKER</p>", marker="DHMARKER")


def planned(*writes: Write) -> Plan:
    return Plan(ticket=KEY, writes=tuple(PlannedWrite(write=each) for each in writes), run_id="run-1")


def requested(*writes: Write, ticket: Ticket = TICKET, api: ZendeskApi | None = None) -> list[Request]:
    return to_requests(planned(*writes), ticket, api or client())


def body(request: Request) -> dict[str, Any]:
    found = request.arguments["ticket"]
    assert isinstance(found, dict)
    return found


def only(*writes: Write, ticket: Ticket = TICKET) -> dict[str, Any]:
    """The ticket object of the one request for `writes`, without what is in every one."""
    (request,) = requested(*writes, ticket=ticket)
    return {name: value for name, value in body(request).items() if name not in ("metadata", "safe_update", "updated_stamp")}
