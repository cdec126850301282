"""One request, one call: what the answer proves, and what each refusal means."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters import writes
from adapters.errors import AccessDenied, HelpdeskDown, RateLimited, TicketGone
from adapters.intercom import sending
from adapters.intercom.api import IntercomApi
from adapters.ticket import Priority, Status
from adapters.writes import Outcome, Result
from tests.adapters.intercom.conftest import KEY, TICKET, answer
from tests.adapters.intercom.loopback import Answering, Call, Workspace, breaking
from tests.adapters.intercom.writing import AT, MARKER, NOTE, OPEN, answering, requests, send


def speaking(by: str = "7009") -> Answering:
    """Answers a reply with the whole conversation, the new part at its end."""

    def answer_with(call: Call) -> tuple[int, Any]:
        conversation = copy.deepcopy(answer("conversation"))
        part = {
            "id": "900",
            "part_type": call.body["message_type"],
            "body": call.body["body"],
            "author": {"type": "admin", "id": by},
        }
        conversation["conversation_parts"]["conversation_parts"].append(part)
        return 200, conversation

    return answer_with


def test_a_known_tag_is_attached_by_its_id(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/tags"] = {"type": "tag", "id": "50", "name": "vip"}

    outcome = send(api, writes.AddTags(tags=frozenset({"vip"})))

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, ())
    assert workspace.calls[-1].body == {"id": "50", "admin_id": "7009"}
    assert "POST /tags" not in workspace.lines


def test_a_new_tag_is_made_once_and_then_known(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["POST /tags"] = {"type": "tag", "id": "77", "name": "Böse Überraschung"}
    workspace.answers[f"POST {AT}/tags"] = {"type": "tag", "id": "77", "name": "Böse Überraschung"}

    for _ in range(2):
        assert send(api, writes.AddTags(tags=frozenset({"böse überraschung"}))).result is Result.CONFIRMED

    assert workspace.lines.count("POST /tags") == 1
    assert workspace.lines.count("GET /tags") == 1


def test_a_tag_that_was_deleted_meanwhile_is_made_anew(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["POST /tags"] = {"type": "tag", "id": "51", "name": "vip"}
    workspace.answers[f"POST {AT}/tags"] = lambda call: (
        (200, call.body) if call.body["id"] == "51" else (404, answer("not_found"))
    )

    assert send(api, writes.AddTags(tags=frozenset({"vip"}))).result is Result.CONFIRMED


def test_a_tag_is_detached_by_the_snapshots_id_with_a_body(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"DELETE {AT}/tags/31"] = {"type": "tag", "id": "31", "name": "Billing"}

    outcome = send(api, writes.RemoveTags(tags=frozenset({"billing"})))

    assert outcome.result is Result.CONFIRMED
    assert workspace.calls[-1].body == {"admin_id": "7009"}


def test_a_tag_that_is_off_already_is_off(api: IntercomApi) -> None:
    assert send(api, writes.RemoveTags(tags=frozenset({"billing"}))).result is Result.CONFIRMED


@pytest.mark.parametrize("options", [{"version": "Preview"}, {"priority_by_preview": True}])
def test_priority_and_attributes_are_one_call_under_preview(
    connect: Callable[..., IntercomApi], workspace: Workspace, options: dict[str, Any]
) -> None:
    api = connect(**options)
    workspace.answers[f"PUT {AT}"] = answering(
        priority="urgent", custom_attributes={"Product area": "Billing", "Renewal": 1785542400}
    )

    outcome = send(
        api,
        writes.SetPriority(priority=Priority.URGENT),
        writes.SetField(slug="product_area", value="Billing"),
        writes.SetField(slug="renewal", value="2026-08-01T00:00:00+00:00"),
    )

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, ())
    assert workspace.calls[-1].headers["intercom-version"] == "Preview"
    assert workspace.calls[-1].body == {
        "custom_attributes": {"Product area": "Billing", "Renewal": 1785542400},
        "priority": "urgent",
        "admin_id": "7009",
    }


def test_what_was_silently_not_changed_is_named(connect: Callable[..., IntercomApi], workspace: Workspace) -> None:
    workspace.answers[f"PUT {AT}"] = answering(priority="none", custom_attributes={"Product area": "Billing"})

    outcome = send(
        connect(version="Preview"),
        writes.SetField(slug="product_area", value="Billing"),
        writes.SetField(slug="seats", value=3),
        writes.SetPriority(priority=Priority.URGENT),
    )

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, (1, 2))


@pytest.mark.parametrize(
    ("write", "body", "changed"),
    [
        (writes.SetTeam(team="senior"), {"type": "team", "assignee_id": "8003"}, {"team_assignee_id": 8003}),
        (writes.SetTeam(team="8003"), {"type": "team", "assignee_id": "8003"}, {"team_assignee_id": "8003"}),
        (writes.SetTeam(team=None), {"type": "team", "assignee_id": "0"}, {"team_assignee_id": None}),
        (
            writes.SetAssignee(agent="Ben.Agent@example.com"),
            {"type": "admin", "assignee_id": "7002"},
            {"admin_assignee_id": 7002},
        ),
        (writes.SetAssignee(agent=None), {"type": "admin", "assignee_id": "0"}, {"admin_assignee_id": 0}),
    ],
)
def test_an_assignment_is_one_call_and_checked(
    api: IntercomApi, workspace: Workspace, write: writes.Write, body: dict[str, str], changed: dict[str, Any]
) -> None:
    workspace.answers[f"POST {AT}/parts"] = answering(**changed)

    outcome = send(api, write)

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, ())
    assert workspace.calls[-1].body == {"message_type": "assignment", "admin_id": "7009"} | body


def test_an_assignment_that_did_not_hold_is_named(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/parts"] = answering(team_assignee_id=8001)

    assert send(api, writes.SetTeam(team="Senior")).not_applied == (0,)


@pytest.mark.parametrize("write", [writes.SetTeam(team="Seniors"), writes.SetAssignee(agent="nobody@example.com")])
def test_an_unknown_team_or_teammate_is_rejected_by_name(api: IntercomApi, workspace: Workspace, write: writes.Write) -> None:
    outcome = send(api, write)

    assert outcome.result is Result.REJECTED
    assert "Intercom has no" in outcome.reason
    assert not [line for line in workspace.lines if line.startswith("POST")]


@pytest.mark.parametrize(
    ("status", "state", "body"),
    [
        (Status.SOLVED, "closed", {"message_type": "close", "type": "admin", "admin_id": "7009"}),
        (Status.ON_HOLD, "snoozed", {"message_type": "snoozed", "admin_id": "7009", "snoozed_until": 1795737600}),
        (Status.OPEN, "open", {"message_type": "open", "admin_id": "7009"}),
    ],
)
def test_a_state_is_set_and_checked(
    api: IntercomApi, workspace: Workspace, status: Status, state: str, body: dict[str, Any]
) -> None:
    workspace.answers[f"POST {AT}/parts"] = answering(state=state)
    until = datetime(2026, 11, 27, tzinfo=UTC)

    outcome = send(api, writes.SetStatus(status=status, until=until), ticket=replace(OPEN, status_raw="frozen"))

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, ())
    assert workspace.calls[-1].body == body


def test_a_note_is_confirmed_by_its_marker_in_the_answer(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/reply"] = speaking()

    outcome = send(api, NOTE)

    assert outcome == Outcome(result=Result.CONFIRMED, external_id="900")
    assert workspace.calls[-1].body == {"message_type": "note", "type": "admin", "admin_id": "7009", "body": NOTE.html}


def test_a_note_that_the_answer_does_not_show_is_unknown(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/reply"] = answer("conversation")

    assert send(api, NOTE).result is Result.UNKNOWN


def test_a_reply_is_escaped_public_and_confirmed(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/reply"] = speaking()

    outcome = send(api, writes.Reply(text="Hi Mara,\n\n1 < 2 & so\non <script>"))

    assert outcome == Outcome(result=Result.CONFIRMED, external_id="900")
    assert workspace.calls[-1].body["message_type"] == "comment"
    assert workspace.calls[-1].body["body"] == "<p>Hi Mara,</p><p>1 &lt; 2 &amp; so<br>on &lt;script&gt;</p>"


def test_anothers_equal_reply_proves_nothing(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/reply"] = speaking(by="7001")

    assert send(api, writes.Reply(text="Hi")).result is Result.UNKNOWN


def test_a_follower_may_be_a_participant(connect: Callable[..., IntercomApi], workspace: Workspace) -> None:
    api = connect(followers="participant")
    workspace.answers[f"POST {AT}/customers"] = answering(contacts={"contacts": [{"id": "1"}, {"id": "2"}]})

    outcome = send(api, writes.AddFollower(email="kai@northwind.example"))

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, ())
    assert workspace.calls[-1].body == {"admin_id": "7009", "customer": {"email": "kai@northwind.example"}}


def test_an_intercom_ticket_takes_fields_state_and_team_in_one_call(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"PUT /tickets/{TICKET.external_id}"] = answer("ticket") | {
        "ticket_state": {"category": "in_progress"},
        "team_assignee_id": 8003,
    }
    ticket = replace(OPEN, kind=TICKET.kind, external_id=TICKET.external_id, form="12")

    outcome = send(
        api,
        writes.SetField(slug="product_area", value="Exports"),
        writes.SetStatus(status=Status.OPEN),
        writes.SetTeam(team="Senior"),
        ticket=ticket,
    )

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, ())
    assert workspace.calls[-1].body == {
        "ticket_attributes": {"Product area": "Exports"},
        "ticket_state_id": "903",
        "open": True,
        "assignee_id": "8003",
        "admin_id": 7009,
    }


def test_a_tickets_second_assignment_is_a_second_call(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"PUT /tickets/{TICKET.external_id}"] = answer("ticket") | {"team_assignee_id": 8003}
    ticket = replace(OPEN, kind=TICKET.kind, external_id=TICKET.external_id)

    made = requests(api, writes.SetTeam(team="Senior"), writes.SetAssignee(agent="7002"), ticket=ticket)
    outcomes = [sending.send(request, api) for request in made]

    assert [(each.operation, each.writes) for each in made] == [("update_ticket", (0,)), ("update_ticket", (1,))]
    assert [call.body for call in workspace.calls if call.method == "PUT"] == [
        {"admin_id": 7009, "assignee_id": "8003"},
        {"admin_id": 7009, "assignee_id": "7002"},
    ]
    assert [outcome.not_applied for outcome in outcomes] == [(), (1,)]


def test_a_tickets_note_answers_with_the_part_alone(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST /tickets/{TICKET.external_id}/reply"] = lambda call: (
        200,
        {"type": "ticket_part", "id": "901", "part_type": "note", "body": call.body["body"]},
    )
    ticket = replace(OPEN, kind=TICKET.kind, external_id=TICKET.external_id)

    assert send(api, NOTE, ticket=ticket) == Outcome(result=Result.CONFIRMED, external_id="901")


@pytest.mark.parametrize("status", [400, 403, 422])
def test_a_refusal_carries_the_code_and_never_the_words(api: IntercomApi, workspace: Workspace, status: int) -> None:
    errors = [{"code": "parameter_invalid", "message": "Mara wrote this", "field": "body"}]
    workspace.answers[f"POST {AT}/reply"] = (status, {"type": "error.list", "errors": errors})

    outcome = send(api, NOTE)

    assert outcome == Outcome(result=Result.REJECTED, reason=f"{status} parameter_invalid", is_about_values=status != 403)


def test_409_is_a_conflict(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/parts"] = (409, {"errors": [{"code": "conflict"}]})

    assert send(api, writes.SetTeam(team="Senior")).result is Result.CONFLICT


def test_404_means_that_the_ticket_is_gone(api: IntercomApi) -> None:
    with pytest.raises(TicketGone):
        send(api, NOTE)


def test_404_for_a_team_costs_only_the_assignment_while_the_conversation_is_there(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/parts"] = (404, {"errors": [{"code": "not_found"}]})
    workspace.answers[f"GET {AT}"] = (200, answer("conversation"))

    assert send(api, writes.SetTeam(team="Senior")).result is Result.REJECTED


@pytest.mark.parametrize("broken", [(500, {}), (502, b"<html>"), (200, b"<html>login</html>"), (200, b""), breaking])
def test_a_broken_write_is_unknown_and_sent_once(api: IntercomApi, workspace: Workspace, broken: Any) -> None:
    workspace.answers[f"POST {AT}/reply"] = broken

    assert send(api, NOTE).result is Result.UNKNOWN
    assert workspace.lines.count(f"POST {AT}/reply") == 1


@pytest.mark.parametrize(
    "odd", [[], "ok", {"conversation_parts": 5}, {"conversation_parts": {"conversation_parts": [{"part_type": "note"}]}}]
)
def test_a_write_with_an_odd_answer_is_unknown(api: IntercomApi, workspace: Workspace, odd: Any) -> None:
    workspace.answers[f"POST {AT}/reply"] = odd

    assert send(api, NOTE).result is Result.UNKNOWN


def test_429_was_not_done_and_goes_through(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/reply"] = (429, {})

    with pytest.raises(RateLimited):
        send(api, NOTE)

    assert workspace.lines.count(f"POST {AT}/reply") == 1


def test_refused_credentials_hold_the_account(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"POST {AT}/reply"] = (401, {"errors": [{"code": "unauthorized"}]})

    with pytest.raises(AccessDenied):
        send(api, NOTE)


def test_a_write_whose_names_cannot_be_read_was_not_sent(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /me"] = (500, {})

    with pytest.raises(HelpdeskDown):
        send(api, NOTE)

    assert f"POST {AT}/reply" not in workspace.lines


def with_part(**changes: Any) -> dict[str, Any]:
    part = {"id": "77", "part_type": "note", "body": f"<p>x {MARKER}</p>", "author": {"type": "admin", "id": "7009"}} | changes
    return answering(conversation_parts={"conversation_parts": [part]})


def test_the_marker_is_found_in_our_private_note(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[f"GET {AT}"] = with_part()

    assert sending.find_marker(KEY, MARKER, api) == "77"


@pytest.mark.parametrize(
    "changes",
    [
        {"part_type": "comment"},
        {"author": {"type": "admin", "id": "7001"}},
        {"author": {"type": "user", "id": "7009"}},
        {"body": None},
    ],
    ids=["public", "by a colleague", "by a customer", "redacted"],
)
def test_the_marker_anywhere_else_means_nothing(api: IntercomApi, workspace: Workspace, changes: dict[str, Any]) -> None:
    workspace.answers[f"GET {AT}"] = with_part(**changes)

    assert sending.find_marker(KEY, MARKER, api) is None
