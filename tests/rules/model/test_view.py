"""What rules see of the facts: each field read once, and what a ticket's messages tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.ticket import Ticket
from rules.model.decision import Decision
from rules.model.facts import Facts, OwnWords
from rules.model.view import (
    FactValue,
    View,
    all_own_text,
    customer_message_count,
    customer_waits,
    description,
    exchanges,
    is_auto_reply,
    is_of_earlier_files,
    is_reopen,
    is_spam,
    last_text,
    message_key,
    own_last_text,
    waiting_s,
)
from tests.rules.build import NOW, facts_of

ASKED = {"external_id": "m1", "body_text": "Help", "created_at": "2026-01-05T10:00:00Z"}
AGAIN = {"external_id": "m2", "body_text": "Hello?", "created_at": "2026-01-05T11:00:00Z"}
ANSWERED = {"direction": "out", "author_kind": "agent", "body_text": "Yes", "created_at": "2026-01-05T10:30:00Z"}
BY_BOT = {**ANSWERED, "author_kind": "bot"}
NOTE = {"kind": "note", "author_kind": "agent", "body_text": "secret", "created_at": "2026-01-05T11:30:00Z"}


def ticket(*messages: dict[str, Any], **more: Any) -> Ticket:
    return facts_of(ticket={"messages": list(messages), **more}).ticket


def test_a_field_is_read_once() -> None:
    read: list[str] = []

    def reader(view: View) -> FactValue:
        read.append("x")
        return None

    view = View(facts_of())

    assert [view.value("x", reader) for _ in range(3)] == [None] * 3
    assert read == ["x"]


def test_the_next_file_sees_what_was_decided_and_all_else_as_before() -> None:
    view = View(facts_of())
    for name in ("subject", "decided.team"):
        view.value(name, lambda _: "old")

    later = view.after(Decision(team="Billing"))

    assert later.value("subject", lambda _: "new") == "old"
    assert later.value("decided.team", lambda seen: seen.decided.team) == "Billing"
    assert [is_of_earlier_files(name) for name in ("decided.team", "team")] == [True, False]


def test_a_signal_without_a_value_is_none() -> None:
    view = View(facts_of(signals={"sentiment": {"value": None}, "severity": "p1"}))

    assert view.signal("sentiment") is view.signal("other") is None
    assert getattr(view.signal("severity"), "value", None) == "p1"


def test_the_first_and_the_newest_message_of_the_customer_are_read() -> None:
    found = ticket(ASKED, ANSWERED, AGAIN, NOTE, subject="Help")

    assert (description(found), last_text(found)) == ("Help", "Hello?")
    assert all_own_text(View(Facts(ticket=found, now=NOW))) == "Help\nHello?"


def test_own_words_stand_in_place_of_the_bodies_where_the_facts_tell_them() -> None:
    found = ticket(ASKED, ANSWERED, AGAIN, subject="Order")
    told = View(Facts(ticket=found, now=NOW, own_words=OwnWords(first="Where?", newest="", quoted="We look.")))

    assert (own_last_text(told), last_text(found)) == ("", "Hello?")
    assert all_own_text(told) == "Order\nWhere?"


def test_a_description_of_its_own_goes_before_the_first_message() -> None:
    assert description(ticket(ASKED, description="As sent")) == "As sent"
    assert (description(ticket()), last_text(ticket(description="As sent"))) == ("", "As sent")


@pytest.mark.parametrize(
    ("found", "count"), [(ticket(ASKED, ANSWERED, AGAIN, NOTE), 2), (ticket(subject="x"), 1), (ticket(), 0), (ticket(NOTE), 0)]
)
def test_messages_of_the_customer_are_counted(found: Ticket, count: int) -> None:
    assert customer_message_count(found) == count


@pytest.mark.parametrize(
    ("messages", "count"),
    [
        ((ASKED,), 0),
        ((), 0),
        ((ASKED, ANSWERED), 0),
        ((ASKED, ANSWERED, AGAIN), 1),
        ((ASKED, ANSWERED, ANSWERED, AGAIN, AGAIN), 1),
        ((ASKED, ANSWERED, NOTE, ANSWERED, AGAIN, ANSWERED, AGAIN), 2),
        ((ANSWERED, ASKED), 1),
        ((ASKED, NOTE, AGAIN), 0),
    ],
)
def test_replies_one_behind_the_other_are_one_exchange(messages: tuple[dict[str, Any], ...], count: int) -> None:
    assert exchanges(ticket(*messages)) == count


@pytest.mark.parametrize(
    ("found", "waits"),
    [
        (ticket(ASKED), True),
        (ticket(ASKED, ANSWERED), False),
        (ticket(ASKED, ANSWERED, AGAIN), True),
        (ticket(ASKED, NOTE), True),
        (ticket(), True),
        (ticket(NOTE), False),
    ],
)
def test_a_customer_waits_whose_public_message_is_the_newest(found: Ticket, waits: bool) -> None:
    assert customer_waits(found) is waits


def test_the_newest_message_of_the_customer_has_a_name_also_without_an_id() -> None:
    nameless = {"body_text": "x"}

    assert message_key(ticket(ASKED, AGAIN, ANSWERED)) == "m2"
    assert message_key(ticket(ASKED, nameless)) == "#2"
    assert message_key(ticket()) == "#0"


@pytest.mark.parametrize(
    ("found", "hours"),
    [
        (ticket(ASKED, AGAIN), 2),
        (ticket(ASKED, ANSWERED, AGAIN), 1),
        (ticket(ASKED, ANSWERED), None),
        (ticket(ASKED, BY_BOT), 2),
        (ticket(ASKED, status="solved"), None),
        (ticket(ASKED, status="pending"), None),
        (ticket(created_at="2026-01-05T09:00:00Z"), 3),
        (ticket(created_at="2026-01-05T09:00:00Z", waiting_since="2026-01-05T11:00:00Z"), 1),
        (ticket(), None),
        (ticket({**ASKED, "created_at": "2026-01-06T10:00:00Z"}), 0),
    ],
)
def test_waiting_starts_with_the_oldest_message_that_no_person_answered(found: Ticket, hours: float | None) -> None:
    view = View(replace(facts_of(), ticket=found))

    assert waiting_s(view) == (None if hours is None else hours * 3600)


@pytest.mark.parametrize(
    ("change", "reopened"),
    [(["solved", "open"], True), (["closed", "pending"], True), (["solved", "closed"], False), (["new", "open"], False)],
)
def test_a_solved_ticket_that_is_open_again_was_reopened(change: list[str], reopened: bool) -> None:
    assert is_reopen(View(facts_of(changes={"status": change}))) is reopened
    assert not is_reopen(View(facts_of()))


def test_spam_and_automatic_replies_are_told_by_the_helpdesk_or_the_detector() -> None:
    by_helpdesk = View(facts_of(ticket={"is_spam": True, "messages": [{**ASKED, "is_auto_generated": True}]}))
    by_detector = View(facts_of(signals={"is_spam": True, "is_auto_reply": True}))
    by_nobody = View(facts_of(ticket={"messages": [{**ASKED, "is_auto_generated": True}, AGAIN]}, signals={"is_spam": "maybe"}))

    assert [(is_spam(view), is_auto_reply(view)) for view in (by_helpdesk, by_detector, by_nobody)] == [
        (True, True),
        (True, True),
        (False, False),
    ]
