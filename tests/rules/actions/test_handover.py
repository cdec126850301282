"""What the next person is told: five points and the conversation in figures, gaps named."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.ticket import Priority
from rules.actions._handover import digest, five_points, one_line
from tests.rules.actions.acting import decided
from tests.rules.build import facts_of


def test_what_a_ticket_does_not_tell_is_named_as_missing() -> None:
    lines = decided("escalate: {to: the lead}").notes[0].text.splitlines()

    assert lines[2:4] == [
        "2. Steps tried: missing (no public reply yet)",
        "3. Customer: tier missing, sentiment missing · 4. Evidence: missing · 5. Proposed priority: missing",
    ]
    assert lines[4:] == [
        "Conversation: 0 from the customer, 0 public replies, link missing",
        "Account: name missing, figures missing",
    ]


REPLY = {"direction": "out", "author_kind": "agent", "body_text": "Please restart"}


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([{"body_text": "Help"}, REPLY], "1 public reply; the last: Please restart (no answer from the customer yet)"),
        ([REPLY, REPLY, {"body_text": "No"}], "2 public replies; the last: Please restart (the customer wrote again)"),
        ([{"kind": "note", "author_kind": "agent"}], "missing (no public reply yet, 1 internal note)"),
    ],
)
def test_the_steps_say_what_came_of_the_last_one(messages: list[Any], told: str) -> None:
    points = five_points(facts_of(ticket={"messages": messages}), None)

    assert points[1] == f"2. Steps tried: {told}"


@pytest.mark.parametrize(
    ("wanted", "severity", "stands", "proposed"),
    [
        (Priority.LOW, "p1", "high", "low"),
        (None, "p1", "high", "urgent"),
        (None, "", "high", "high"),
        (None, "", "none", "missing"),
    ],
)
def test_the_rules_priority_goes_before_the_severity_and_that_before_the_tickets(
    wanted: Priority | None, severity: str, stands: str, proposed: str
) -> None:
    points = five_points(facts_of(ticket={"priority": stands}, signals={"severity": severity}), wanted)

    assert points[2].endswith(f"5. Proposed priority: {proposed}")


def test_of_many_files_four_are_named() -> None:
    files = [{"name": f"{number}.png"} for number in range(6)]

    points = five_points(facts_of(ticket={"messages": [{"attachments": files}]}), None)

    assert "4. Evidence: 0.png, 1.png, 2.png, 3.png and 2 more" in points[2]


def test_the_account_is_told_in_figures() -> None:
    company = {"name": "Northwind", "arr": 1200000, "renewal_at": "2026-03-01T00:00:00Z", "csm": "Carla"}

    assert digest(facts_of(company=company))[1] == "Account: Northwind, ARR 1,200,000, renews 2026-03-01, CSM Carla"


def test_a_long_text_is_cut_to_one_line() -> None:
    assert one_line(" a\n b ", 10) == "a b"
    assert one_line("0123456789ab", 10) == "0123456..."
