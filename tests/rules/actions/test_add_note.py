"""`add_note`: a paragraph in the internal note."""

from __future__ import annotations

import pytest

from rules.actions import add_note
from rules.model.decision import NoteWish
from rules.model.effects import Blocked
from tests.rules.actions.acting import refusal_of, wish_of


def test_text_and_title_are_filled() -> None:
    options = {"text": "{company.name} waits", "title": "About {requester.name}"}

    wish = wish_of(add_note, options, company={"name": "Northwind"}, requester={"name": "Rita"})

    assert wish == NoteWish(rule="r", text="Northwind waits", title="About Rita")


def test_an_empty_placeholder_keeps_the_note_away() -> None:
    with pytest.raises(Blocked, match=r"company\.name is empty"):
        wish_of(add_note, {"text": "{company.name} waits"})


def test_an_unknown_placeholder_is_refused_at_load() -> None:
    assert "did you mean company.name?" in refusal_of(add_note, text="{company.nam} waits")
