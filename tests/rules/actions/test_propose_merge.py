"""`propose_merge`: a proposal in the note."""

from __future__ import annotations

from rules.model.decision import NoteKind
from tests.rules.actions.acting import decided


def test_proposals_are_notes_that_a_person_decides_on() -> None:
    decision = decided("{propose_merge: {into: '7', reason: Same outage.}}, {propose_split: {parts: [one, two]}}")

    assert [(note.title, note.text, note.kind) for note in decision.notes] == [
        ("Proposal: merge into ticket 7", "Same outage.", NoteKind.PROPOSAL),
        ("Proposal: split this ticket", "- one\n- two", NoteKind.PROPOSAL),
    ]
