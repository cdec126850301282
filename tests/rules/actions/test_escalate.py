"""`escalate`: the reason with who answers by when, the team, the notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from adapters.ticket import Priority
from rules.actions import escalate
from rules.model.decision import NoteKind, NoteWish, Notice
from rules.model.effects import WantTeam
from tests.rules.actions.acting import decided, refusal_of, wish_of

TICKET: dict[str, Any] = {"ticket": {"subject": "x", "url": "https://desk.example.com/7"}}


def test_an_escalation_says_who_answers_by_when_and_why() -> None:
    decision = decided("escalate: {team: Engineering, within: 30 min, reason: data loss, channel: leads}", **TICKET)

    [note] = decision.notes
    assert note == NoteWish(
        rule="r", text="data loss", kind=NoteKind.ESCALATION, team="Engineering", within=timedelta(minutes=30)
    )
    assert decision.team == "Engineering"
    assert decision.notices[0].channel == "leads"


def test_each_escalation_of_a_run_keeps_its_own_people_and_reason() -> None:
    decision = decided("{escalate: {team: A, reason: First}}, {escalate: {to: B, reason: Second}}", **TICKET)

    assert [(each.team, each.tell, each.text) for each in decision.notes] == [("A", (), "First"), ("", ("B",), "Second")]


def test_people_named_in_words_are_told_by_the_reader_and_no_team_is_assigned() -> None:
    [note] = wish_of(escalate, {"to": ["the success manager", "the support lead"]})

    assert note.tell == ("the success manager", "the support lead")
    assert note.text == "the rule"


def test_nothing_says_that_somebody_was_told() -> None:
    wishes = wish_of(escalate, {"team": "Engineering", "to": "Lena", "channel": "leads", "reason": "data loss"})

    assert "scalated to" not in str([*wishes])


def test_a_proposed_priority_is_kept_for_the_note() -> None:
    [note] = wish_of(escalate, {"to": "Lena", "priority": "urgent"})

    assert note.priority is Priority.URGENT


def test_a_channel_gets_a_notice_that_says_where_the_ticket_is() -> None:
    options = {"team": "Engineering", "to": "Lena", "channel": "leads", "reason": "data loss"}

    _, team, notice = wish_of(escalate, options, ticket={"number": "12"})

    assert team == WantTeam("Engineering")
    assert notice == Notice(rule="r", channel="leads", text="data loss, for team Engineering and Lena 12", to="Lena")


def test_somebody_has_to_be_named() -> None:
    assert "name a `team` that gets the ticket" in refusal_of(escalate, reason="data loss")
