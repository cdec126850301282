"""What a drafter is asked and what it gives: languages, lines, JSON."""

from __future__ import annotations

import json

from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import Sentence, compose, to_json
from tests.drafts.makers import SHELF, ask


def test_lists_and_greeting_stand_on_lines_of_their_own() -> None:
    texts = ["Hello,", "this is how.", "1. One.", "2. Two.", "That is all.", "Really."]

    assert (
        compose(tuple(Sentence(text=each) for each in texts))
        == "Hello,\n\nthis is how.\n\n1. One.\n2. Two.\n\nThat is all. Really."
    )


def test_a_draft_prints_as_json_with_the_stable_keys() -> None:
    printed = to_json(OfflineDrafter(SHELF).draft(ask()), note="<p></p>")

    assert {"text", "language", "sentences", "withheld", "reason", "note"} <= set(printed)
    assert json.loads(json.dumps(printed)) == printed
