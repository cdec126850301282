from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import AccessDenied, RateLimited, TicketGone
from adapters.freshdesk.adapter import ADAPTER
from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.requests import CAPABILITIES, find_marker, send, to_requests
from adapters.freshdesk.update import merged_tags
from adapters.raw import Raw
from adapters.ticket import Priority, Status, Ticket
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Merge,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    Request,
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
from tests.adapters.freshdesk.conftest import KEY, NOW, ROOT, answer_of

TICKET = f"{ROOT}/tickets/48213"
NOTE = Note(html="<p>Suggested reply K7QX2M3A</p>", marker="K7QX2M3A")


@pytest.fixture
def ticket(desk: responses.RequestsMock, api: FreshdeskApi) -> Ticket:
    read = desk.get(TICKET, json=answer_of("ticket"))
    ticket = hydrate(KEY, api)
    desk.remove(read)
    desk.calls.reset()
    return ticket


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


def test_fields_and_the_whole_tag_list_go_in_one_put(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    changes = {"priority": 4, "status": 3, "group_id": 32, "responder_id": None, "tags": ["VIP", "escalated"]}
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


def test_a_snapshot_of_under_two_seconds_is_not_read_again(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    put_answers(desk, tags=["VIP", "outage", "new"])

    send(only(to_requests(plan_of(AddTags(tags=frozenset({"new"}))), ticket, api)), api)

    assert [call.request.method for call in desk.calls] == ["PUT"]


def test_an_agents_tag_survives_an_older_snapshot(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    desk.get(TICKET, json=answer_of("ticket") | {"tags": ["VIP", "By Anna"]})
    put_answers(desk, tags=["VIP", "By Anna", "new"])
    plan = plan_of(AddTags(tags=frozenset({"new"})), RemoveTags(tags=frozenset({"outage"})))

    outcome = send(only(to_requests(plan, stale(ticket), api)), api)

    assert sent(desk) == [{"tags": ["VIP", "By Anna", "new"]}]
    assert outcome.result is Result.CONFIRMED


def test_a_field_that_an_agent_changed_meanwhile_is_left_alone(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    desk.get(TICKET, json=answer_of("ticket") | {"priority": 1})

    outcome = send(only(to_requests(plan_of(SetPriority(priority=Priority.URGENT)), stale(ticket), api)), api)

    assert (outcome.result, outcome.reason) == (Result.CONFLICT, "changed since it was read: priority")
    assert sent(desk) == []


def test_a_repeat_of_what_already_stands_sends_nothing(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    desk.get(TICKET, json=answer_of("ticket") | {"priority": 4, "tags": ["VIP", "outage", "new"]})
    plan = plan_of(SetPriority(priority=Priority.URGENT), AddTags(tags=frozenset({"new"})))

    outcome = send(only(to_requests(plan, stale(ticket), api)), api)

    assert outcome == Outcome(result=Result.CONFIRMED)
    assert sent(desk) == []


def test_a_snapshot_without_the_vendors_tags_is_read_again(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    put_answers(desk, tags=["VIP", "outage", "new"])

    send(only(to_requests(plan_of(AddTags(tags=frozenset({"new"}))), replace(ticket, raw=None), api)), api)

    assert sent(desk) == [{"tags": ["VIP", "outage", "new"]}]


def test_tags_that_came_out_otherwise_are_merged_and_put_again(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    put_answers(desk, tags=["By Anna"])
    desk.get(TICKET, json=answer_of("ticket") | {"tags": ["By Anna"]})
    put_answers(desk, tags=["By Anna", "new"])

    outcome = send(only(to_requests(plan_of(AddTags(tags=frozenset({"new"}))), ticket, api)), api)

    assert sent(desk) == [{"tags": ["VIP", "outage", "new"]}, {"tags": ["By Anna", "new"]}]
    assert outcome == Outcome(result=Result.CONFIRMED)


def test_tags_that_never_stay_are_reported_after_three_more_tries(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    put_answers(desk, tags=[])
    desk.get(TICKET, json=answer_of("ticket") | {"tags": []})

    outcome = send(only(to_requests(plan_of(AddTags(tags=frozenset({"new"}))), ticket, api)), api)

    assert len(sent(desk)) == 4
    assert outcome == Outcome(result=Result.CONFIRMED, not_applied=(0,))


def test_a_tag_that_the_vendor_respells_counts_as_set(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    put_answers(desk, tags=["vip", "OUTAGE", "Needs Care"])

    outcome = send(only(to_requests(plan_of(AddTags(tags=frozenset({"needs  care"}))), ticket, api)), api)

    assert outcome.not_applied == ()


def test_a_field_that_silently_did_not_change_is_reported(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    put_answers(desk, priority=3, group_id=32)
    plan = plan_of(SetTeam(team="Senior"), SetPriority(priority=Priority.URGENT))

    outcome = send(only(to_requests(plan, ticket, api)), api)

    assert outcome == Outcome(result=Result.CONFIRMED, not_applied=(1,))


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


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, answer_of("validation_failed"), "Freshdesk answered 400 (status:invalid_value, cf_region:missing_field)"),
        (409, {"code": "duplicate_value"}, "Freshdesk answered 409 (duplicate_value)"),
        (415, None, "Freshdesk answered 415"),
    ],
)
def test_a_refusal_names_field_and_code_only(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket, status: int, body: Any, reason: str
) -> None:
    desk.put(TICKET, status=status, json=body)

    outcome = send(only(to_requests(plan_of(SetPriority(priority=Priority.URGENT)), ticket, api)), api)

    assert outcome == Outcome(result=Result.REJECTED, reason=reason)


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


TAGS = st.lists(st.text("abAB c", min_size=1, max_size=4).filter(str.strip), max_size=5)


@given(TAGS, TAGS, TAGS)
def test_merging_keeps_every_tag_that_is_not_taken_off(there: list[str], add: list[str], remove: list[str]) -> None:
    merged = merged_tags(there, Raw({"add_tags": add, "remove_tags": remove}))

    def same(tags: list[str]) -> set[str]:
        return {" ".join(tag.split()).casefold() for tag in tags}

    assert same(merged) == (same(there) - same(remove)) | same(add)
    assert len(merged) <= len(there) + len(same(add))
