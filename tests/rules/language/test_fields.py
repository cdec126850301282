"""Each field reads its fact; what is not there is unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.ticket import Agent, Channel, Priority, Status, Team, Ticket, TicketType
from bot.facts.changes import changes
from rules.language.fields import FIELDS, WITH_HISTORY
from rules.language.operators import operators_for
from tests.rules.build import NOW, holds


def test_a_duration_counts_to_the_renewal_and_is_negative_after_it() -> None:
    when = "{company.renewal_in: {between: [0 days, 60 days]}}"

    assert holds(when, company={"renewal_at": "2026-03-01T00:00:00Z"})
    assert not holds(when, company={"renewal_at": "2026-01-01T00:00:00Z"})


def test_hours_waiting_starts_at_the_oldest_unanswered_message_and_ends_with_an_answer() -> None:
    asked = {"body_text": "?", "created_at": "2026-01-05T07:00:00Z"}
    reminded = {"body_text": "??", "created_at": "2026-01-05T11:00:00Z"}
    answered = {"direction": "out", "author_kind": "agent", "created_at": "2026-01-05T08:00:00Z"}

    assert holds("{hours_waiting: {over: 4}}", ticket={"messages": [asked, reminded]})
    assert not holds("{hours_waiting: {over: 4}}", ticket={"messages": [asked, answered, reminded]})
    assert holds("{hours_waiting: {known: false}}", ticket={"messages": [asked, answered]})


def test_an_unassigned_ticket_is_known_to_have_nobody() -> None:
    assert holds("{not: {assignee: anna.agent@example.com}}")
    assert holds("{assignee: {known: false}}")
    assert holds("{assignee: anna.agent@example.com}", ticket={"assignee": {"email": "anna.agent@example.com"}})


FACT_CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("{is_auto_reply: true}", {"ticket": {"messages": [{"is_auto_generated": True}]}}, True),
    ("{is_auto_reply: false}", {}, True),
    ("{is_spam: true}", {"ticket": {"is_spam": True}}, True),
    ("{is_spam: true}", {"signals": {"is_spam": True}}, True),
    ("{language: de}", {"ticket": {"language": "de"}}, True),
    ("{language: fr}", {"ticket": {"language": "de"}, "signals": {"language": "fr"}}, True),
    ("{is_reopen: true}", {"changes": {"status": ["solved", "open"]}}, True),
    ("{is_reopen: true}", {"changes": {"status": ["new", "open"]}}, False),
    ("{event: customer.replied}", {"events": ["customer.replied", "ticket.created"]}, True),
    ("{in_working_time: false}", {"in_working_time": False}, True),
    ("{churn_words: {empty: true}}", {"signals": {"churn_words": []}}, True),
    ("{wants_cancel: true}", {"signals": {"wants_cancel": True}}, True),
    ("{clocks.first_response_left: {under: 30 min}}", {"clocks": {"first_response_left": 0.4}}, True),
    ("{counts.similar_open: {at_least: 5}}", {"counts": {"similar_open": 5}}, True),
    ("{customer_messages: 1}", {"ticket": {"subject": "Hello"}}, True),
    ("{customer_waits: true}", {"ticket": {"messages": [{}, {"direction": "out"}]}}, False),
    ("{is_first_message: true}", {"ticket": {"messages": [{}, {}]}}, False),
    ("{requester.email: {ends: '@example.com'}}", {"requester": {"emails": ["rita@example.com"]}}, True),
    ("{company.domain: northwind.example}", {"company": {"domains": ["northwind.example"]}}, True),
]


@pytest.mark.parametrize(("when", "given", "expected"), FACT_CASES)
def test_fields_read_their_fact(when: str, given: dict[str, Any], expected: bool) -> None:
    assert holds(when, **given) is expected


def test_the_fields_with_a_history_are_those_that_the_flow_compares() -> None:
    empty = Ticket()
    full = Ticket(
        subject="x",
        status=Status.OPEN,
        priority=Priority.HIGH,
        assignee=Agent(external_id="1"),
        team=Team(external_id="1"),
        tags=frozenset({"t"}),
        rating=1,
        merged_into="1",
        is_deleted=True,
        type=TicketType.TASK,
        category="c",
        followers=frozenset({"a@example.com"}),
        custom={"a": 1},
        brand="b",
        form="f",
        problem_id="1",
        is_spam=True,
        snoozed_until=NOW,
        channel=Channel.CHAT,
    )

    assert set(changes(empty, full)) - {"custom"} == WITH_HISTORY


@pytest.mark.parametrize("field", list(FIELDS), ids=lambda field: field.name)
def test_every_field_has_an_example_that_loads_and_an_operator(field: Any) -> None:
    assert operators_for(field)
    assert holds(json.dumps({field.name: field.example}), ticket={"subject": "Hello"}) in (True, False)
