"""`propose_merge`: a proposal in the note."""

from __future__ import annotations

from rules.actions import propose_merge
from rules.model.decision import NoteKind
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_proposals_are_notes_that_a_person_decides_on() -> None:
    decision = decided("{propose_merge: {into: '7', reason: Same outage.}}, {propose_split: {parts: [one, two]}}")

    assert [(note.title, note.text, note.kind) for note in decision.notes] == [
        ("Proposal: merge into ticket 7", "Same outage.", NoteKind.PROPOSAL),
        ("Proposal: split this ticket", "- one\n- two", NoteKind.PROPOSAL),
    ]


def test_without_a_reason_the_rules_name_stands_there() -> None:
    wish = wish_of(propose_merge, {"into": "{problem_id}"}, ticket={"problem_id": "12"})

    assert (wish.title, wish.text) == ("Proposal: merge into ticket 12", "the rule")


def test_it_wants_to_know_into_which() -> None:
    assert "into" in refusal_of(propose_merge, reason="Same outage.")
