"""`propose_split`: a proposal in the note, part by part."""

from __future__ import annotations

from rules.actions import propose_split
from rules.model.decision import NoteKind
from tests.rules.actions.acting import refusal_of, wish_of


def test_each_part_is_a_line_of_a_proposal() -> None:
    wish = wish_of(propose_split, {"parts": ["the invoice", "{custom.second}"]}, ticket={"custom": {"second": "the export"}})

    assert (wish.kind, wish.text) == (NoteKind.PROPOSAL, "- the invoice\n- the export")


def test_there_are_one_to_ten_parts() -> None:
    assert "at least 1" in refusal_of(propose_split, parts=[])
    assert "at most 10" in refusal_of(propose_split, parts=["x"] * 11)
