"""The fields of one ticket update: what each write becomes in Zendesk's words."""

from __future__ import annotations

from dataclasses import replace

import pytest
import responses

from adapters.errors import Unsupported, WriteRejected
from adapters.ticket import Json, Priority, Status
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Merge,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)
from adapters.zendesk.update import Update, carrier_tags, to_tag
from tests.adapters.zendesk.account import ACCOUNT, answers, client, reads
from tests.adapters.zendesk.writing import NOTE, STAMP, TICKET, body, only, requested


@pytest.fixture
def desk(desk: responses.RequestsMock) -> responses.RequestsMock:
    """With its lists of people and teams."""
    answers(desk, "/groups", "groups")
    answers(desk, "/users", "agents")
    answers(desk, "/users/me", "me")
    return desk


def test_everything_goes_into_one_conditional_update(desk: responses.RequestsMock) -> None:
    (request,) = requested(
        AddTags(tags=frozenset({"VIP Outage"})),
        RemoveTags(tags=frozenset({"outage"})),
        SetPriority(priority=Priority.URGENT),
        SetStatus(status=Status.ON_HOLD),
        SetTeam(team="senior"),
        SetAssignee(agent="Lead.Lena@example.com"),
        ProposeMacro(macro="6001"),
        NOTE,
    )

    assert (request.operation, request.writes, request.marker) == ("update_ticket", tuple(range(8)), "DHMARKER")
    assert (request.is_conditional, request.is_repeatable, request.is_public) == (True, False, False)
    assert body(request) == {
        "tags": ["vip", "vip_outage"],
        "priority": "urgent",
        "status": "hold",
        "group_id": 4002,
        "assignee_id": 7003,
        "comment": {"html_body": NOTE.html, "public": False},
        "metadata": {"custom": {"deskhand": {"run": "run-1"}}},
        "safe_update": True,
        "updated_stamp": STAMP,
    }


@pytest.mark.parametrize(
    ("write", "wanted"),
    [
        (SetPriority(priority=Priority.NONE), {"priority": None}),
        (SetAssignee(agent=None), {"assignee_id": None}),
        (SetAssignee(agent="7002"), {"assignee_id": 7002}),
        (SetAssignee(agent="anna agent"), {"assignee_id": 7002}),
        (SetTeam(team=None), {"group_id": None}),
        (SetTeam(team="4004"), {"group_id": 4004}),
        (SuppressSurvey(), {"tags": ["no-survey", "outage", "vip"]}),
        (RemoveTags(tags=frozenset({"vip", "absent"})), {"tags": ["outage"]}),
        (AddFollower(email="Anna.Agent@example.com"), {"followers": [{"user_email": "Anna.Agent@example.com", "action": "put"}]}),
        (AddFollower(email="x@example.com"), {"email_ccs": [{"user_email": "x@example.com", "action": "put"}]}),
        (RemoveFollower(email="x@example.com"), {"email_ccs": [{"user_email": "x@example.com", "action": "delete"}]}),
        (Link(to="7"), {"problem_id": 7}),
        (SetField(slug="product", value="web_shop"), {"custom_fields": [{"id": 360001, "value": "web_shop"}]}),
        (SetField(slug="areas", value=("b", "a")), {"custom_fields": [{"id": 360005, "value": ["b", "a"]}]}),
        (SetField(slug="bought_at", value="2026-02-03"), {"custom_fields": [{"id": 360004, "value": "2026-02-03"}]}),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_a_write_is_said_in_zendesks_words(desk: responses.RequestsMock, write: Write, wanted: dict[str, Json]) -> None:
    assert only(write) == wanted


def test_only_an_incident_has_a_problem(desk: responses.RequestsMock) -> None:
    assert only(Link(to="7"), ticket=replace(TICKET, type=None)) == {"problem_id": 7, "type": "incident"}


def test_a_reply_is_escaped_and_public(desk: responses.RequestsMock) -> None:
    (request,) = requested(Reply(text="Dear <you> & all,\n\nfirst\nsecond\n"))

    assert body(request)["comment"] == {"html_body": "<p>Dear &lt;you&gt; &amp; all,</p><p>first<br>second</p>", "public": True}
    assert (request.is_public, request.is_repeatable) == (True, False)


def test_without_a_version_nothing_is_conditional(desk: responses.RequestsMock) -> None:
    (request,) = requested(SetPriority(priority=Priority.LOW), ticket=replace(TICKET, version=""))

    assert not request.is_conditional
    assert "safe_update" not in body(request)


def test_names_are_looked_up_in_lists_that_are_fetched_once(desk: responses.RequestsMock) -> None:
    api = client()

    for _ in range(3):
        requested(SetTeam(team="Senior"), SetAssignee(agent="Lead Lena"), AddFollower(email="x@example.com"), api=api)

    assert sorted(reads(desk)) == ["/groups", "/users"]


def test_an_update_knows_which_writes_it_carries_and_what_its_answer_must_show(desk: responses.RequestsMock) -> None:
    update = Update(TICKET)

    update.carry(3, SetPriority(priority=Priority.LOW), client())

    assert (update.writes, update.fields) == ([3], {"priority": "low"})
    assert update.expect == [{"write": 3, "field": "priority", "wanted": "low"}]


@pytest.mark.parametrize(
    ("write", "error"),
    [(SetTeam(team="Nope"), WriteRejected), (SetStatus(status=Status.OTHER), Unsupported), (Merge(into="7"), Unsupported)],
)
def test_a_write_that_is_refused_leaves_the_update_as_it_was(
    desk: responses.RequestsMock, write: Write, error: type[Exception]
) -> None:
    update = Update(TICKET)

    with pytest.raises(error):
        update.carry(0, write, client())

    assert update == Update(TICKET)


def test_tags_added_and_taken_off_end_in_one_list(desk: responses.RequestsMock) -> None:
    update = Update(TICKET)
    update.carry(0, AddTags(tags=frozenset({"new"})), client())
    update.carry(1, RemoveTags(tags=frozenset({"vip"})), client())

    assert update.body("")["tags"] == ["new", "outage"]


@pytest.mark.parametrize(("tag", "kept"), [("VIP Outage", "vip_outage"), ("  a  b ", "a_b"), ("", "")])
def test_a_tag_is_one_word_in_small_letters(tag: str, kept: str) -> None:
    assert to_tag(tag) == kept


def test_a_survey_is_kept_off_by_the_accounts_own_tag() -> None:
    api = client(replace(ACCOUNT, options={"survey_off_tag": "No Survey"}))

    assert carrier_tags(SuppressSurvey(), api) == {"no_survey"}
    assert carrier_tags(SetPriority(priority=Priority.LOW), api) == frozenset()
