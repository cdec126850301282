"""What we want of a ticket as Freshdesk requests, how they are sent, and where our note is found again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
import requests
import responses

from adapters.errors import AccessDenied, RateLimited, TicketGone
from adapters.freshdesk.adapter import ADAPTER
from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.requests import CAPABILITIES, find_marker, send, to_requests
from adapters.raw import Raw
from adapters.ticket import Priority, Status, Ticket
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Merge,
    Outcome,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    Result,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    Support,
    SuppressSurvey,
    Write,
)
from tests.adapters.freshdesk.conftest import KEY, ROOT, TICKET, answer_of
from tests.adapters.freshdesk.writing import NOTE, only, plan_of, put_answers, sent


def test_fields_and_the_whole_tag_list_go_in_one_put(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    changes = {"priority": 4, "status": 3, "group_id": 32, "responder_id": None, "tags": ["VIP", "escalated"]}
    desk.get(TICKET, json=answer_of("ticket"))
    put_answers(desk, **changes)
    writes = (
        AddTags(tags=frozenset({"escalated"})),
        RemoveTags(tags=frozenset({"outage"})),
        SetPriority(priority=Priority.URGENT),
        SetStatus(status=Status.PENDING),
        SetTeam(team="senior"),
        SetAssignee(agent=None),
    )

    request = only(to_requests(plan_of(*writes), ticket, api))
    outcome = send(request, api)

    assert (request.operation, request.writes, request.is_repeatable) == ("update_ticket", (0, 1, 2, 3, 4, 5), True)
    assert sent(desk) == [changes]
    assert outcome == Outcome(result=Result.CONFIRMED)


def test_numbers_are_sent_as_numbers(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    put_answers(desk, priority=4, group_id=32)

    send(only(to_requests(plan_of(SetPriority(priority=Priority.URGENT), SetTeam(team="32")), ticket, api)), api)

    assert all(type(value) is int for value in sent(desk)[0].values())


@pytest.mark.parametrize(
    ("slug", "value", "field", "wire"),
    [
        ("seats", 300.0, "cf_seats", 300),
        ("contract_ends", "2027-06-30T00:00:00+00:00", "cf_contract_ends", "2027-06-30"),
        ("products", ("A", "B"), "cf_products", ["A", "B"]),
        ("beta", False, "cf_beta", False),
    ],
)
def test_custom_fields_are_sent_in_their_own_type(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket, slug: str, value: Any, field: str, wire: Any
) -> None:
    put_answers(desk, custom_fields={field: wire})

    outcome = send(only(to_requests(plan_of(SetField(slug=slug, value=value)), ticket, api)), api)

    assert sent(desk) == [{"custom_fields": {field: wire}}]
    assert outcome == Outcome(result=Result.CONFIRMED)


def test_the_note_is_private_and_comes_after_the_put(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    put_answers(desk, priority=4)
    desk.post(f"{TICKET}/notes", json={"id": 74, "private": True}, status=201)
    plan = plan_of(ProposeMacro(macro="81"), NOTE, SetPriority(priority=Priority.URGENT))

    update, note = to_requests(plan, ticket, api)
    outcomes = [send(update, api), send(note, api)]

    assert (note.writes, note.marker, note.is_repeatable, note.number) == ((1, 0), "K7QX2M3A", False, 1)
    assert sent(desk)[1] == {"body": NOTE.html, "private": True}
    assert outcomes[1] == Outcome(result=Result.CONFIRMED, external_id="74")


def test_a_note_that_came_out_public_is_told(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    desk.post(f"{TICKET}/notes", json={"id": 74, "private": False}, status=201)

    outcome = send(only(to_requests(plan_of(NOTE), ticket, api)), api)

    assert (outcome.not_applied, outcome.reason) == ((0,), "the note came out public")


def test_a_reply_is_escaped_public_and_takes_new_copies_along(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    desk.post(f"{TICKET}/reply", json={"id": 75}, status=201)
    plan = plan_of(Reply(text="Hi <b>Clara</b>,\n\nall is\nwell."), AddFollower(email="new@northwind.example"))

    request = only(to_requests(plan, ticket, api))
    outcome = send(request, api)

    assert (request.is_public, request.is_repeatable, request.writes) == (True, False, (0, 1))
    assert sent(desk)[0] == {
        "body": "<p>Hi &lt;b&gt;Clara&lt;/b&gt;,</p><p>all is<br>well.</p>",
        "cc_emails": ["lead@northwind.example", "new@northwind.example", "otto.ops@northwind.example"],
    }
    assert outcome.external_id == "75"


def test_copies_without_a_reply_are_asked_for_in_the_note(api: FreshdeskApi, ticket: Ticket) -> None:
    request = only(to_requests(plan_of(NOTE, AddFollower(email="new@northwind.example")), ticket, api))

    assert "new@northwind.example" in str(request.arguments["body"])
    assert request.writes == (0, 1)


def test_fallbacks_become_tags(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    put_answers(desk, tags=["VIP", "outage", "no-survey", "linked-to-17"])

    outcome = send(only(to_requests(plan_of(SuppressSurvey(), Link(to="17")), ticket, api)), api)

    assert sent(desk) == [{"tags": ["VIP", "outage", "no-survey", "linked-to-17"]}]
    assert outcome.not_applied == ()


def test_a_merge_names_both_tickets_and_copies_nobody(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    desk.put(f"{ROOT}/tickets/merge", status=204)

    outcome = send(only(to_requests(plan_of(Merge(into="17")), ticket, api)), api)

    assert sent(desk) == [{"primary_id": 17, "ticket_ids": [48213], "convert_recepients_to_cc": False}]
    assert outcome.result is Result.CONFIRMED


@pytest.mark.parametrize(
    ("write", "word"),
    [
        (SetTeam(team="Nobody Knows"), "Nobody Knows"),
        (SetAssignee(agent="ghost@example.com"), "ghost@example.com"),
        (SetField(slug="colour", value="red"), "colour"),
        (SetPriority(priority=Priority.NONE), "priority"),
        (SetStatus(status=Status.OTHER), "options.statuses"),
        (RemoveFollower(email="a@example.com"), "copies"),
        (AddFollower(email="a@example.com"), "copies"),
        (ProposeMacro(macro="81"), "note"),
        (Merge(into="../17"), "number"),
    ],
)
def test_what_this_account_cannot_have_is_refused_in_words_and_the_rest_goes_on(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket, write: Write, word: str
) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    put_answers(desk, tags=["VIP", "outage", "new"])

    update, refused = to_requests(plan_of(write, AddTags(tags=frozenset({"new"}))), ticket, api)
    outcomes = [send(update, api), send(refused, api)]

    assert [outcome.result for outcome in outcomes] == [Result.CONFIRMED, Result.REJECTED]
    assert refused.writes == (0,)
    assert word in outcomes[1].reason
    assert len(sent(desk)) == 1


def test_on_hold_is_the_accounts_own_status(api: FreshdeskApi, connect: Callable[..., FreshdeskApi], ticket: Ticket) -> None:
    plan = plan_of(SetStatus(status=Status.ON_HOLD))
    own = connect(options={"statuses": {7: "open", 9: "on_hold"}})

    numbers = [Raw(only(to_requests(plan, ticket, each)).arguments)["fields"]["status"].whole() for each in (api, own)]

    assert numbers == [7, 9]


@pytest.mark.parametrize(("status", "error"), [(404, TicketGone), (403, TicketGone), (401, AccessDenied), (429, RateLimited)])
def test_a_write_that_cannot_go_on_says_why(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket, status: int, error: type[Exception]
) -> None:
    desk.post(f"{TICKET}/notes", status=status, headers={"Retry-After": "7"})

    with pytest.raises(error):
        send(only(to_requests(plan_of(NOTE), ticket, api)), api)

    assert len(sent(desk)) == 1


@pytest.mark.parametrize(
    "broken", [{"status": 502}, {"body": requests.ConnectionError("reset")}, {"body": "<html>maintenance</html>"}, {"json": {}}]
)
@pytest.mark.parametrize("write", [NOTE, Reply(text="Hi"), SetPriority(priority=Priority.URGENT)])
def test_an_answer_that_proves_nothing_is_unknown_and_nothing_is_sent_twice(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket, broken: dict[str, Any], write: Write
) -> None:
    for method, path in (("POST", "/notes"), ("POST", "/reply"), ("PUT", "")):
        desk.add(method, TICKET + path, **broken)

    outcome = send(only(to_requests(plan_of(write), ticket, api)), api)

    assert outcome.result is Result.UNKNOWN
    assert len(sent(desk)) == 1


def entry(number: int, **changes: Any) -> dict[str, Any]:
    note = {"id": number, "body": f"<p>{NOTE.marker}</p>", "body_text": NOTE.marker}
    return note | {"private": True, "incoming": False, "user_id": 509} | changes


def test_the_marker_is_found_in_our_newest_private_note(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(f"{TICKET}/conversations", json=[entry(1), entry(2), entry(3, body="", body_text="other")])

    assert find_marker(KEY, NOTE.marker, api) == "2"


@pytest.mark.parametrize("changes", [{"private": False}, {"user_id": 501}, {"incoming": True}, {"private": None}])
def test_a_marker_anywhere_else_means_nothing(desk: responses.RequestsMock, api: FreshdeskApi, changes: dict[str, Any]) -> None:
    desk.get(f"{TICKET}/conversations", json=[entry(1, **changes)])

    assert find_marker(KEY, NOTE.marker, api) is None


def test_no_marker_is_nowhere(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    assert find_marker(KEY, "", api) is None
    assert not vendor.calls


def test_every_write_has_a_row_in_the_table_and_every_fallback_its_sentence() -> None:
    kinds = {each.__dataclass_fields__["kind"].default for each in get_args(get_args(Write)[0])}

    assert set(CAPABILITIES) == kinds
    assert all(row.fallback for row in CAPABILITIES.values() if row.support is Support.FALLBACK)
    assert ADAPTER.stamp_grain_s == 0
