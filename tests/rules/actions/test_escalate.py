"""`escalate`: the note with its points, the team, the notice."""

from __future__ import annotations

from typing import Any

from rules.actions import escalate
from rules.model.decision import Notice
from rules.model.effects import WantTeam
from tests.rules.actions.acting import decided, refusal_of, wish_of

RICH: dict[str, Any] = {
    "ticket": {
        "subject": "x",
        "url": "https://desk.example.com/7",
        "priority": "low",
        "messages": [
            {"body_text": "It fails with error 500", "attachments": [{"name": "screen.png"}]},
            {"direction": "out", "author_kind": "agent", "body_text": "Please clear the cache"},
            {"body_text": "Same again"},
        ],
    },
    "company": {"name": "Northwind", "tier": "enterprise", "arr": 120000},
    "signals": {"sentiment": "angry", "severity": "p2", "churn_level": "high"},
}


def test_an_escalation_carries_its_five_points_and_the_digest() -> None:
    decision = decided("escalate: {team: Engineering, within: 30 min, reason: Data loss, channel: leads}", **RICH)

    note = decision.notes[0]
    assert note.title == "Escalated to Engineering, answer within 30 min"
    assert note.text.splitlines() == [
        "Data loss",
        "1. Issue: x. Same again",
        "2. Steps tried: 1 public reply; the last: Please clear the cache (the customer wrote again)",
        "3. Customer: enterprise, angry, churn risk high · "
        "4. Evidence: screen.png; an error text in the messages · 5. Proposed priority: high",
        "Conversation: 2 from the customer, 1 public reply, https://desk.example.com/7",
        "Account: Northwind, ARR 120,000",
    ]
    assert decision.team == "Engineering"
    assert decision.notices[0].channel == "leads"


def test_a_second_escalation_in_one_run_adds_its_reason_only() -> None:
    decision = decided("{escalate: {team: A, reason: First}}, {escalate: {to: B, reason: Second}}", **RICH)

    assert len(decision.notes[0].text.splitlines()) == 6
    assert decision.notes[1].text == "Second"


def test_people_named_in_words_get_a_note_and_no_team_is_assigned() -> None:
    [note] = wish_of(escalate, {"to": "the lead"})

    assert note.title == "Escalated to the lead"
    assert note.text.startswith("the rule\n1. Issue: ")


def test_a_channel_gets_a_notice_that_says_where_the_ticket_is() -> None:
    options = {"team": "Engineering", "to": "Lena", "channel": "leads", "reason": "Data loss"}

    _, team, notice = wish_of(escalate, options, ticket={"number": "12"})

    assert team == WantTeam("Engineering")
    assert notice == Notice(rule="r", channel="leads", text="Escalated to Engineering and Lena: Data loss 12")


def test_somebody_has_to_be_named() -> None:
    assert "name a `team` that gets the ticket" in refusal_of(escalate, reason="Data loss")
