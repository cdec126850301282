"""Transcripts in one message: only the customer's lines are own words."""

from __future__ import annotations

from typing import Any

import pytest

from bot.senses.reading.lines import to_lines
from bot.senses.reading.parts import Context, Role
from bot.senses.reading.transcripts import mark_transcript
from tests.senses.reading.samples import reading_of, samples


@pytest.mark.parametrize("is_chat", [True, False])
@pytest.mark.parametrize("sample", samples("transcripts"))
def test_only_the_customers_lines_are_own(sample: dict[str, Any], is_chat: bool) -> None:
    own = reading_of(sample["text"], is_chat=is_chat, author=sample.get("author", ""), is_first=True).own

    assert "STAFF" not in own
    assert own.count("CUSTOMER") == sample["text"].count("CUSTOMER")


@pytest.mark.parametrize(
    "text",
    [
        "User: jo\nAgent: Mozilla/5.0\nError: 500",
        "Anna: where is it?\nBen: no idea.\nAnna: done.",
        "Note: it fails\nNote: it fails again",
        "10:02 it failed\n10:03 it failed again",
        "Agent: I want one.",
    ],
)
def test_what_is_no_transcript_stays_as_it_is(text: str) -> None:
    lines = to_lines(text)

    mark_transcript(lines, Context())

    assert {line.role for line in lines} == {None}


def test_the_name_goes_and_the_words_stay() -> None:
    lines = to_lines("(10:02) Bot: Cancel it?\n(10:03) Jo: No.\nNever.")

    mark_transcript(lines, Context(author="Jo"))

    assert [(line.role, line.text) for line in lines] == [
        (Role.STAFF, "(10:02) Bot: Cancel it?"),
        (Role.OWN, "No."),
        (Role.OWN, "Never."),
    ]
