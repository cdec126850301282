"""The one PUT for fields and tags: what is sent, what somebody else wrote meanwhile, what the answer proves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.requests import send, to_requests
from adapters.freshdesk.update import merged_tags
from adapters.raw import Raw
from adapters.ticket import Priority, Ticket
from adapters.writes import AddTags, Outcome, RemoveTags, Result, SetPriority, SetTeam
from tests.adapters.freshdesk.conftest import KEY, TICKET, answer_of
from tests.adapters.freshdesk.writing import only, plan_of, put_answers, sent, stale

NEW = AddTags(tags=frozenset({"new"}))
URGENT = SetPriority(priority=Priority.URGENT)


def methods(desk: responses.RequestsMock) -> list[str | None]:
    return [call.request.method for call in desk.calls]


def test_tags_are_put_on_a_read_right_before_however_young_the_snapshot(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    desk.get(TICKET, json=answer_of("ticket") | {"tags": ["VIP", "By Anna"]})
    put_answers(desk, tags=["VIP", "By Anna", "new"])

    send(only(to_requests(plan_of(NEW), ticket, api)), api)

    assert [(call.request.method, call.request.url) for call in desk.calls] == [("GET", TICKET), ("PUT", TICKET)]  # no `include`
    assert sent(desk) == [{"tags": ["VIP", "By Anna", "new"]}]


def test_a_snapshot_of_under_two_seconds_is_not_read_again_where_no_tags_are_written(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    put_answers(desk, priority=4)

    send(only(to_requests(plan_of(URGENT), ticket, api)), api)

    assert methods(desk) == ["PUT"]


def read_again_by_an_old_plan(desk: responses.RequestsMock, api: FreshdeskApi, **changes: Any) -> None:
    """What the ledger does before it goes on with a plan of an earlier run."""
    desk.get(TICKET, json=answer_of("ticket") | changes)
    hydrate(KEY, api)
    desk.calls.reset()


def test_an_old_plan_is_written_on_the_read_that_its_run_has_just_made(
    desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi], ticket: Ticket
) -> None:
    api = connect(options={"fresh_s": 2})
    request = only(to_requests(plan_of(NEW), stale(ticket), api))
    read_again_by_an_old_plan(desk, api, tags=["VIP", "By Anna"])
    put_answers(desk, tags=["VIP", "By Anna", "new"])

    send(request, api)

    assert methods(desk) == ["PUT"]
    assert sent(desk) == [{"tags": ["VIP", "By Anna", "new"]}]


def test_an_old_plan_gives_way_to_what_that_read_shows(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    request = only(to_requests(plan_of(URGENT), stale(ticket), api))
    read_again_by_an_old_plan(desk, api, priority=1)

    outcome = send(request, api)

    assert outcome.result is Result.CONFLICT
    assert methods(desk) == []


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
    desk.get(TICKET, json=answer_of("ticket"))
    put_answers(desk, tags=["By Anna"])
    desk.get(TICKET, json=answer_of("ticket") | {"tags": ["By Anna"]})
    put_answers(desk, tags=["By Anna", "new"])

    outcome = send(only(to_requests(plan_of(AddTags(tags=frozenset({"new"}))), ticket, api)), api)

    assert sent(desk) == [{"tags": ["VIP", "outage", "new"]}, {"tags": ["By Anna", "new"]}]
    assert outcome == Outcome(result=Result.CONFIRMED)


def test_tags_that_never_stay_are_reported_after_three_more_tries(
    desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket
) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    put_answers(desk, tags=[])
    desk.get(TICKET, json=answer_of("ticket") | {"tags": []})

    outcome = send(only(to_requests(plan_of(AddTags(tags=frozenset({"new"}))), ticket, api)), api)

    assert len(sent(desk)) == 4
    assert outcome == Outcome(result=Result.CONFIRMED, not_applied=(0,))


def test_a_tag_that_the_vendor_respells_counts_as_set(desk: responses.RequestsMock, api: FreshdeskApi, ticket: Ticket) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
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

    assert outcome == Outcome(result=Result.REJECTED, reason=reason, is_about_values=status == 400)


TAGS = st.lists(st.text("abAB c", min_size=1, max_size=4).filter(str.strip), max_size=5)


@given(TAGS, TAGS, TAGS)
def test_merging_keeps_every_tag_that_is_not_taken_off(there: list[str], add: list[str], remove: list[str]) -> None:
    merged = merged_tags(there, Raw({"add_tags": add, "remove_tags": remove}))

    def same(tags: list[str]) -> set[str]:
        return {" ".join(tag.split()).casefold() for tag in tags}

    assert same(merged) == (same(there) - same(remove)) | same(add)
    assert len(merged) <= len(there) + len(same(add))
