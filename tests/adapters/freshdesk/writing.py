"""What the tests of writing share: plans for ticket 48213, the vendor's answers to a PUT, and what was sent."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import responses

from adapters.ticket import Ticket
from adapters.writes import Note, Plan, PlannedWrite, Request, Write
from tests.adapters.freshdesk.conftest import KEY, NOW, TICKET, answer_of

NOTE = Note(html="<p>Suggested reply K7QX2M3A</p>", marker="K7QX2M3A")


def plan_of(*writes: Write) -> Plan:
    return Plan(ticket=KEY, writes=tuple(PlannedWrite(write=write) for write in writes))


def put_answers(desk: responses.RequestsMock, **changes: Any) -> None:
    desk.put(TICKET, json=answer_of("ticket") | changes)


def stale(ticket: Ticket) -> Ticket:
    return replace(ticket, read_at=NOW - timedelta(seconds=5))


def sent(desk: responses.RequestsMock) -> list[Any]:
    return [json.loads(call.request.body or b"null") for call in desk.calls if call.request.method != "GET"]


def only(requests: list[Request]) -> Request:
    [request] = requests
    return request
