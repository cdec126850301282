"""What the tests of writing share: an open conversation, the requests of a plan for it, the outcome of the only one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from adapters import writes
from adapters.intercom import sending
from adapters.intercom.api import IntercomApi
from adapters.intercom.requests import to_requests
from adapters.ticket import Json, Ticket
from adapters.writes import Outcome, Plan, PlannedWrite, Request
from tests.adapters.intercom.conftest import KEY, answer

AT = f"/conversations/{KEY.external_id}"


MARKER = "K7QWERTY"


NOTE = writes.Note(html=f"<p>Suggested reply</p><p>{MARKER}</p>", marker=MARKER)


TAGS: Json = {"tags": {"tags": [{"id": "31", "name": "Billing"}, {"id": "41", "name": "priority-high"}]}}


OPEN = Ticket(
    account=KEY.account,
    kind=KEY.kind,
    external_id=KEY.external_id,
    status_raw="open",
    tags=frozenset({"billing"}),
    raw=TAGS,
    read_at=datetime(2026, 11, 20, tzinfo=UTC),
)


def requests(api: IntercomApi, *wanted: writes.Write, ticket: Ticket = OPEN) -> list[Request]:
    planned = tuple(PlannedWrite(write=write, rules=("r",)) for write in wanted)
    return to_requests(Plan(ticket=ticket.key, writes=planned, run_id="run-1"), ticket, api)


def send(api: IntercomApi, *wanted: writes.Write, ticket: Ticket = OPEN) -> Outcome:
    """The outcome of the only request."""
    (request,) = requests(api, *wanted, ticket=ticket)
    return sending.send(request, api)


def answering(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = answer("conversation")
    return found | changes
