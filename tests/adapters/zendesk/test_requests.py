"""Writing to Zendesk: one conditional PUT, what its answer proves, and what each refusal means."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import responses
from pydantic import TypeAdapter

from adapters.errors import AccessDenied, HelpdeskDown, RateLimited, TicketGone
from adapters.ticket import Priority, Status
from adapters.writes import (
    AddTags,
    Link,
    Merge,
    Outcome,
    ProposeMacro,
    RemoveTags,
    Reply,
    Request,
    Result,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    Write,
)
from adapters.zendesk.api import ZendeskApi
from adapters.zendesk.requests import find_marker, send
from tests.adapters.zendesk.account import API, KEY, answers, client, fixture, reads
from tests.adapters.zendesk.writing import NOTE, STAMP, body, requested


@pytest.fixture
def desk(desk: responses.RequestsMock) -> responses.RequestsMock:
    """With its lists of people and teams."""
    answers(desk, "/groups", "groups")
    answers(desk, "/users", "agents")
    answers(desk, "/users/me", "me")
    return desk


def updated(desk: responses.RequestsMock, answer: Any = None, **kwargs: Any) -> responses.BaseResponse:
    kwargs = {"json": answer if answer is not None else fixture("updated")} | kwargs
    return desk.add("PUT", f"{API}/tickets/42.json", **kwargs)


def sent(*writes: Write, api: ZendeskApi | None = None) -> Outcome:
    api = api or client()
    (request,) = requested(*writes, api=api)
    return send(request, api)


def test_requests_survive_being_stored(desk: responses.RequestsMock) -> None:
    made = requested(AddTags(tags=frozenset({"a"})), SetAssignee(agent=None), NOTE, Merge(into="7"), SetTeam(team="Nope"))
    kept = TypeAdapter(list[Request])

    assert kept.validate_json(kept.dump_json(made)) == made


def test_a_reply_and_a_note_never_share_a_request(desk: responses.RequestsMock) -> None:
    first, second = requested(Reply(text="Hello"), SetPriority(priority=Priority.LOW), NOTE)

    assert (first.writes, first.is_public, first.marker, first.number) == ((0, 1), True, "", 0)
    assert (second.writes, second.is_public, second.marker, second.number) == ((2,), False, "DHMARKER", 1)
    assert "priority" not in body(second)


def test_fields_alone_can_be_repeated(desk: responses.RequestsMock) -> None:
    (request,) = requested(SetPriority(priority=Priority.LOW))

    assert request.is_repeatable


def test_an_empty_plan_is_no_request(desk: responses.RequestsMock) -> None:
    assert requested() == []


def test_a_merge_is_its_own_request_and_the_last(desk: responses.RequestsMock) -> None:
    first, second = requested(Merge(into="7"), NOTE)

    assert (first.operation, first.writes) == ("update_ticket", (1,))
    assert (second.operation, second.writes, second.is_repeatable) == ("merge_ticket", (0,), False)


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (SetTeam(team="Nope"), "Zendesk has no teams named `Nope`: use an id or mend the name"),
        (SetTeam(team="Old"), "no teams named `Old`"),
        (SetTeam(team="TWIN"), "several teams named `TWIN`"),
        (SetAssignee(agent="gone.gerd@example.com"), "no agents named"),
        (SetAssignee(agent="clara@customer.example.com"), "no agents named"),
        (SetField(slug="colour", value="red"), "maps no custom field `colour`"),
        (SetStatus(status=Status.OTHER), "no status other"),
        (Link(to="x7"), "number of a problem"),
        (ProposeMacro(macro="6001"), "in the plan's note"),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_what_cannot_be_sent_is_refused_and_the_rest_still_goes(
    desk: responses.RequestsMock, write: Write, reason: str
) -> None:  # fmt: skip
    api = client()

    first, second = requested(write, SetPriority(priority=Priority.LOW), api=api)
    calls = len(desk.calls)
    outcome = send(second, api)

    assert (first.writes, second.writes, second.operation) == ((1,), (0,), "refuse")
    assert outcome.result is Result.REJECTED
    assert reason in outcome.reason
    assert len(desk.calls) == calls


def test_the_update_goes_out_as_it_was_planned(desk: responses.RequestsMock) -> None:
    put = updated(desk)

    sent(SetPriority(priority=Priority.NONE), SetAssignee(agent=None), SetField(slug="areas", value=("a",)), NOTE)

    assert json.loads(put.calls[0].request.body or b"") == {
        "ticket": {
            "id": 42,
            "priority": None,
            "assignee_id": None,
            "custom_fields": [{"id": 360005, "value": ["a"]}],
            "comment": {"html_body": NOTE.html, "public": False},
            "metadata": {"custom": {"deskhand": {"run": "run-1"}}},
            "safe_update": True,
            "updated_stamp": STAMP,
        }
    }


def test_the_answer_confirms_and_names_the_comment_and_the_new_version(desk: responses.RequestsMock) -> None:
    updated(desk)

    outcome = sent(
        AddTags(tags=frozenset({"vip outage"})), SetPriority(priority=Priority.URGENT), SetTeam(team="Senior"), NOTE
    )  # fmt: skip

    assert outcome == Outcome(result=Result.CONFIRMED, external_id="8101", version="2026-01-02T05:00:09Z")


def test_without_a_comment_the_audit_is_named(desk: responses.RequestsMock) -> None:
    answer = fixture("updated")
    answer["audit"]["events"] = []
    updated(desk, answer)

    assert sent(SetPriority(priority=Priority.URGENT)).external_id == "8100"


def test_what_zendesk_silently_left_is_not_applied(desk: responses.RequestsMock) -> None:
    updated(desk)

    outcome = sent(
        SetPriority(priority=Priority.LOW),  # 0: urgent in the answer
        AddTags(tags=frozenset({"vip"})),  # 1: there
        AddTags(tags=frozenset({"gone"})),  # 2: not there
        RemoveTags(tags=frozenset({"outage"})),  # 3: still there
        SetField(slug="product", value="other"),  # 4: still web_shop
        SetField(slug="amount", value=12.5),  # 5: "12.5"
        SetField(slug="bought_at", value="2026-02-03T00:00:00Z"),  # 6: the day alone
        SetField(slug="areas", value=("b", "a")),  # 7: in another order
        SetField(slug="is_trial", value=True),  # 8
        SetField(slug="empty", value=None),  # 9
        Reply(text="Hello"),  # 10: it came out private
    )

    assert (outcome.result, outcome.not_applied) == (Result.CONFIRMED, (0, 2, 3, 4, 10))


def test_a_note_without_a_trace_in_the_audit_is_not_applied(desk: responses.RequestsMock) -> None:
    answer = fixture("updated")
    answer["audit"]["events"] = []
    updated(desk, answer)

    assert sent(NOTE).not_applied == (0,)


@pytest.mark.parametrize("status", [409, 422])
def test_a_ticket_that_changed_is_a_conflict(desk: responses.RequestsMock, status: int) -> None:
    updated(desk, fixture("conflict"), status=status)

    assert sent(NOTE) == Outcome(result=Result.CONFLICT)


def test_a_closed_ticket_is_refused_as_closed(desk: responses.RequestsMock) -> None:
    updated(desk, fixture("closed"), status=422)

    assert sent(NOTE) == Outcome(result=Result.REJECTED, reason="closed")


@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (403, {"error": "Forbidden"}, "forbidden"),
        (403, {"error": {"title": "Forbidden", "message": "canary"}}, "forbidden"),
        (400, {"error": {"title": "Invalid attribute", "message": "canary"}}, "400 Invalid attribute"),
        (
            422,
            {"error": "RecordInvalid", "description": "canary", "details": {"base": [{"description": "canary"}]}},
            "422 RecordInvalid base",
        ),
        (422, {"error": "invalid"}, "422 invalid"),
        (422, {"error": "RecordInvalid", "details": []}, "422 RecordInvalid"),
        (413, ["canary"], "413"),
    ],
)
def test_a_refusal_gives_zendesks_words_and_never_its_sentences(
    desk: responses.RequestsMock, status: int, answer: Any, reason: str
) -> None:
    updated(desk, answer, status=status)

    assert sent(NOTE) == Outcome(result=Result.REJECTED, reason=reason, is_about_values=status in (400, 422))


def test_a_refusal_that_is_no_json_is_still_one(desk: responses.RequestsMock) -> None:
    updated(desk, json=None, body="<html>canary</html>", status=400)

    assert sent(NOTE) == Outcome(result=Result.REJECTED, reason="400", is_about_values=True)


def test_a_deleted_ticket_is_gone(desk: responses.RequestsMock) -> None:
    updated(desk, {"error": "RecordNotFound", "description": "Not found"}, status=404)

    with pytest.raises(TicketGone):
        sent(NOTE)


def test_a_ticket_whose_id_is_no_number_is_gone_without_a_call(desk: responses.RequestsMock) -> None:
    (request,) = requested(SetPriority(priority=Priority.LOW))

    with pytest.raises(TicketGone):
        send(replace(request, ticket=replace(KEY, external_id="../1")), client())

    assert reads(desk) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {"error": "oops"}},
        {"status": 502, "json": None, "body": "<html>"},
        {"status": 200, "json": None, "body": "<html>please log in</html>"},
        {"status": 200, "json": {}},
        {"status": 200, "json": []},
        {"status": 200, "json": {"ticket": [], "audit": {}}},
        {"json": None, "body": requests.ConnectionError("reset")},
        {"json": None, "body": requests.ReadTimeout()},
    ],
    ids=["500", "502", "login page", "empty", "list", "odd ticket", "reset", "timeout"],
)
def test_an_answer_that_proves_nothing_leaves_the_outcome_unknown_and_is_not_repeated(
    desk: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    put = updated(desk, **answer)

    outcome = sent(NOTE)

    assert outcome.result is Result.UNKNOWN
    assert put.call_count == 1


def test_a_rate_limit_is_raised_at_once_with_its_time(desk: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zenpy.lib.api.sleep", lambda seconds: pytest.fail("zenpy slept"))
    put = updated(desk, {"error": "APIRateLimitExceeded"}, status=429, headers={"Retry-After": "37"})

    with pytest.raises(RateLimited) as caught:
        sent(NOTE)

    assert (caught.value.retry_after_s, put.call_count) == (37, 1)


def test_refused_credentials_are_raised_without_showing_them(desk: responses.RequestsMock) -> None:
    updated(desk, {"error": "Couldn't authenticate you"}, status=401)

    with pytest.raises(AccessDenied) as caught:
        sent(NOTE)

    assert "sandbox-zendesk-token" not in str(caught.value)


def test_the_second_request_of_a_plan_is_based_on_what_the_first_left(desk: responses.RequestsMock) -> None:
    put = updated(desk)
    api = client()

    for request in requested(NOTE, Reply(text="Hello"), api=api):
        send(request, api)

    assert stamps(put) == [STAMP, "2026-01-02T05:00:09Z"]


def test_a_confirmed_request_sent_again_keeps_its_old_stamp(desk: responses.RequestsMock) -> None:
    put = updated(desk)
    api = client()
    (request,) = requested(NOTE, api=api)

    send(request, api)
    send(request, api)

    assert stamps(put) == [STAMP, STAMP]


def stamps(put: responses.BaseResponse) -> list[str]:
    return [json.loads(call.request.body or b"")["ticket"]["updated_stamp"] for call in put.calls]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("queued", Outcome(result=Result.CONFIRMED, external_id="j1")),
        ("failed", Outcome(result=Result.REJECTED, reason="the merge job failed")),
    ],
)
def test_a_merge_is_a_job(desk: responses.RequestsMock, status: str, outcome: Outcome) -> None:
    post = desk.add("POST", f"{API}/tickets/7/merge.json", json={"job_status": {"id": "j1", "status": status, "results": []}})

    assert sent(Merge(into="7")) == outcome
    assert json.loads(post.calls[0].request.body or b"")["ids"] == [42]


def test_a_merge_into_something_else_than_a_ticket_is_refused(desk: responses.RequestsMock) -> None:
    assert sent(Merge(into="../7")).result is Result.REJECTED


def test_our_private_note_is_found_by_its_marker(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42/comments", "comments")

    assert find_marker(KEY, "DHABCDEFGH", client()) == "8005"


@pytest.mark.parametrize("change", [{"public": True}, {"author_id": 7002}, {"html_body": "", "body": "", "plain_body": ""}])
def test_a_marker_elsewhere_means_nothing(desk: responses.RequestsMock, change: dict[str, Any]) -> None:
    page = fixture("comments")
    page["comments"][2].update(change)
    answers(desk, "/tickets/42/comments", json=page)

    assert find_marker(KEY, "DHABCDEFGH", client()) is None


def test_an_empty_marker_is_never_found(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42/comments", "comments")

    assert find_marker(KEY, "", client()) is None


def test_a_marker_that_cannot_be_looked_for_is_not_absent(desk: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _seconds: None))  # tenacity's alone
    answers(desk, "/tickets/42/comments", status=500)

    with pytest.raises(HelpdeskDown):
        find_marker(KEY, "DHABCDEFGH", client())
