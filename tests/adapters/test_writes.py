"""Writes, plans, requests and outcomes are plain values: stored as JSON before anything is sent, and read back equal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest

from adapters.codec import Unreadable, dumps, loads
from adapters.ticket import Priority, Status, TicketKey, TicketKind
from adapters.writes import (
    AddTags,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    Request,
    Result,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    Write,
)

KEY = TicketKey("acme", TicketKind.TICKET, "42")


@pytest.mark.parametrize(
    "write",
    [
        AddTags(tags=frozenset({"b", "a"})),
        SetPriority(priority=Priority.URGENT),
        SetStatus(status=Status.ON_HOLD, until=datetime(2026, 1, 2, tzinfo=UTC)),
        SetAssignee(agent=None),
        SetField(slug="areas", value=("a", "b")),
        Note(html="<p>K7</p>", marker="K7"),
    ],
    ids=lambda write: str(write.kind),
)
def test_a_write_is_read_back_as_its_own_kind(write: Write) -> None:
    plan = Plan(ticket=KEY, writes=(PlannedWrite(write=write, rules=("vip",)),), run_id="run-1")

    assert loads(Plan, dumps(plan)) == plan


def test_every_kind_of_write_has_a_name_of_its_own() -> None:
    kinds = [each.__dataclass_fields__["kind"].default for each in get_args(get_args(Write)[0])]

    assert len(set(kinds)) == len(kinds) > 10


def test_a_write_of_an_unknown_kind_is_unreadable() -> None:
    stored = dumps(Plan(ticket=KEY, writes=(PlannedWrite(write=AddTags(tags=frozenset())),))).replace("add_tags", "sing")

    with pytest.raises(Unreadable):
        loads(Plan, stored)


def test_a_request_is_not_repeatable_unless_it_says_so() -> None:
    request = Request(ticket=KEY, number=0, operation="reply", arguments={"body": "<p>Hi</p>"}, writes=(0,))

    assert (request.is_repeatable, request.is_conditional, request.is_public) == (False, False, False)
    assert loads(Request, dumps(request)) == request


def test_an_outcome_is_read_back_with_what_was_not_applied() -> None:
    outcome = Outcome(result=Result.CONFIRMED, external_id="8101", not_applied=(0, 2), version="v2")

    assert loads(Outcome, dumps(outcome)) == outcome
