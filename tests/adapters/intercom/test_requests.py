"""Writes as Intercom calls: which ones, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters import writes
from adapters.errors import Unsupported
from adapters.intercom.api import IntercomApi
from adapters.intercom.dialect import PRIORITY_TAG, Dialect
from adapters.intercom.priority import read_priority
from adapters.intercom.requests import shown_as, to_requests
from adapters.raw import Raw
from adapters.ticket import Json, Priority, Status, TicketKind
from adapters.writes import Plan
from tests.adapters.intercom.conftest import KEY, account
from tests.adapters.intercom.loopback import Workspace
from tests.adapters.intercom.writing import MARKER, NOTE, OPEN, requests

PRIORITY_OF = {tag: priority for priority, tag in PRIORITY_TAG.items()}


def test_the_note_comes_last_and_each_request_is_one_thing(api: IntercomApi) -> None:
    wanted: list[writes.Write] = [
        NOTE,
        writes.ProposeMacro(macro="VIP acknowledgement"),
        writes.SetStatus(status=Status.SOLVED),
        writes.Reply(text="Done"),
        writes.SetTeam(team="Senior"),
        writes.SetAssignee(agent="anna.agent@example.com"),
        writes.SetField(slug="product_area", value="Exports"),
        writes.SetPriority(priority=Priority.URGENT),
        writes.AddTags(tags=frozenset({"vip", "outage"})),
        writes.RemoveTags(tags=frozenset({"billing"})),
    ]

    made = requests(api, *wanted)

    assert [(each.operation, each.writes) for each in made] == [
        ("reply", (3,)),
        ("attach_tag", (7,)),
        ("attach_tag", (8,)),
        ("attach_tag", (8,)),
        ("detach_tag", (7,)),
        ("detach_tag", (9,)),
        ("update", (6,)),
        ("assign", (4,)),
        ("assign", (5,)),
        ("set_state", (2,)),
        ("add_note", (0, 1)),
    ]
    assert [each.number for each in made] == list(range(11))
    assert [each.operation for each in made if not each.is_repeatable] == ["reply", "add_note"]
    assert [each.operation for each in made if each.is_public] == ["reply"]
    assert made[-1].marker == MARKER


def test_planning_makes_no_call(api: IntercomApi, workspace: Workspace) -> None:
    requests(api, NOTE, writes.AddTags(tags=frozenset({"new"})), writes.SetTeam(team="Senior"))

    assert workspace.lines == []


def test_the_same_plan_gives_the_same_requests(api: IntercomApi) -> None:
    wanted = (writes.AddTags(tags=frozenset({"a", "b", "c"})), writes.Link(to="17"), writes.SetStatus(status=Status.ON_HOLD))

    assert requests(api, *wanted) == requests(api, *wanted)


def test_a_tag_that_is_not_on_the_ticket_costs_no_call(api: IntercomApi) -> None:
    assert requests(api, writes.RemoveTags(tags=frozenset({"never"}))) == []


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("present", [(), ("priority-low",), ("priority-high", "priority-urgent")])
def test_a_priority_in_a_tag_reads_back_as_it_was_set(api: IntercomApi, priority: Priority, present: tuple[str, ...]) -> None:
    tags: list[Json] = [{"id": name, "name": name} for name in present]
    now = max((PRIORITY_OF[name] for name in present), key=lambda each: each.rank, default=Priority.NONE)
    ticket = replace(OPEN, raw={"tags": {"tags": tags}}, priority=now)

    made = requests(api, writes.SetPriority(priority=priority), ticket=ticket)

    attached = {str(each.arguments["tag"]) for each in made if each.operation == "attach_tag"}
    detached = {str(each.arguments["tag"]) for each in made if each.operation == "detach_tag"}
    after = frozenset((set(present) | attached) - detached)
    kept: list[Json] = [{"name": name, "applied_at": 1_768_032_000} for name in sorted(after)]
    raw = Raw({"priority": "not_priority", "tags": {"tags": kept}})
    assert read_priority(raw, (), Dialect(account()), "7009") is priority


def test_a_tag_that_is_on_and_older_than_the_native_word_is_put_on_anew(api: IntercomApi) -> None:
    raw: Json = {"tags": {"tags": [{"id": "77", "name": "priority-urgent"}]}}
    ticket = replace(OPEN, raw=raw, priority=Priority.LOW)

    made = requests(api, writes.SetPriority(priority=Priority.URGENT), ticket=ticket)

    assert [(each.operation, each.arguments) for each in made] == [
        ("detach_tag", {"tag": "priority-urgent", "tag_id": "77"}),
        ("attach_tag", {"tag": "priority-urgent"}),
    ]
    assert requests(api, writes.SetPriority(priority=Priority.URGENT), ticket=replace(ticket, priority=Priority.URGENT)) == []


def test_a_priority_may_be_carried_by_an_attribute(connect: Callable[..., IntercomApi]) -> None:
    (request,) = requests(connect(priority_attribute="Urgency"), writes.SetPriority(priority=Priority.HIGH))

    assert request.arguments["attributes"] == {"Urgency": "high"}


@pytest.mark.parametrize(
    ("write", "before", "made"),
    [
        (writes.SetStatus(status=Status.SOLVED), {}, [("set_state", "close")]),
        (writes.SetStatus(status=Status.CLOSED), {}, [("set_state", "close")]),
        (writes.SetStatus(status=Status.OPEN), {}, []),
        (writes.SetStatus(status=Status.OPEN), {"status_raw": "closed"}, [("set_state", "open")]),
        (writes.SetStatus(status=Status.NEW), {"status_raw": "snoozed"}, [("set_state", "open")]),
        (writes.SetStatus(status=Status.ON_HOLD), {}, [("set_state", "snoozed")]),
        (writes.SetStatus(status=Status.PENDING), {}, [("attach_tag", "pending-customer")]),
        (
            writes.SetStatus(status=Status.PENDING, until=datetime(2026, 12, 1, tzinfo=UTC)),
            {},
            [("attach_tag", "pending-customer"), ("set_state", "snoozed")],
        ),
        (
            writes.SetStatus(status=Status.PENDING),
            {"status_raw": "closed"},
            [("attach_tag", "pending-customer"), ("set_state", "open")],
        ),
        (
            writes.SetStatus(status=Status.OPEN),
            {"raw": {"tags": {"tags": [{"id": "9", "name": "Pending-Customer"}]}}},
            [("detach_tag", "pending-customer")],
        ),
    ],
)
def test_a_status_is_a_state_and_the_pending_tag(
    api: IntercomApi, write: writes.Write, before: dict[str, Any], made: list[tuple[str, str]]
) -> None:
    found = requests(api, write, ticket=replace(OPEN, **before))

    assert [(each.operation, each.arguments.get("state") or each.arguments.get("tag")) for each in found] == made


@pytest.mark.parametrize(
    ("write", "line"),
    [
        (writes.AddFollower(email="lead.lena@example.com"), "Please keep lead.lena@example.com informed."),
        (writes.RemoveFollower(email="lead.lena@example.com"), "lead.lena@example.com need not be kept informed any longer."),
        (writes.Link(to="17<b>"), "Related: 17&lt;b&gt;"),
        (writes.Merge(into="18"), "Please merge this into 18."),
    ],
)
def test_what_intercom_cannot_do_is_said_in_the_note(api: IntercomApi, write: writes.Write, line: str) -> None:
    (request,) = requests(api, write, NOTE)

    assert request.arguments["html"] == f"<p>{line}</p>{NOTE.html}"
    assert (request.writes, request.marker) == ((0, 1), MARKER)


@pytest.mark.parametrize(
    ("write", "options", "kind", "found"),
    [
        (writes.SetPriority(priority=Priority.URGENT), {}, TicketKind.CONVERSATION, "tag priority-urgent"),
        (writes.SetPriority(priority=Priority.URGENT), {"version": "Preview"}, TicketKind.CONVERSATION, ""),
        (writes.SetPriority(priority=Priority.URGENT), {"version": "Preview"}, TicketKind.TICKET, "tag priority-urgent"),
        (writes.SetPriority(priority=Priority.LOW), {"priority_attribute": "Urgency"}, TicketKind.TICKET, "attribute Urgency"),
        (writes.SetPriority(priority=Priority.NONE), {}, TicketKind.CONVERSATION, ""),
        (writes.SetStatus(status=Status.PENDING), {}, TicketKind.CONVERSATION, "tag pending-customer"),
        (writes.SetStatus(status=Status.PENDING), {}, TicketKind.TICKET, ""),
        (writes.SuppressSurvey(), {"survey_tag": "no-survey"}, TicketKind.CONVERSATION, "tag no-survey"),
        (writes.SetTeam(team="Senior"), {}, TicketKind.CONVERSATION, ""),
    ],
)
def test_where_an_agent_finds_what_the_inbox_has_no_field_for(
    api: IntercomApi, write: writes.Write, options: dict[str, Any], kind: TicketKind, found: str
) -> None:
    account = replace(api.account, options=options)

    assert shown_as(write, kind, replace(api, account=account)) == found


def test_without_a_note_the_fallback_has_one_of_its_own(api: IntercomApi) -> None:
    (request,) = requests(api, writes.Link(to="17"), writes.Merge(into="18"))

    assert request.writes == (0, 1)
    assert len(request.marker) >= 8
    assert request.marker in str(request.arguments["html"])
    assert not request.is_repeatable


def test_a_survey_is_kept_off_by_a_tag(api: IntercomApi) -> None:
    (request,) = requests(api, writes.SuppressSurvey())

    assert (request.operation, request.arguments["tag"]) == ("attach_tag", "survey-off")


def test_a_status_that_no_vendor_has_is_unsupported(api: IntercomApi) -> None:
    with pytest.raises(Unsupported, match="other"):
        requests(api, writes.SetStatus(status=Status.OTHER))


def test_an_empty_plan_is_no_request(api: IntercomApi) -> None:
    assert to_requests(Plan(ticket=KEY), OPEN, api) == []
