"""Quotes in a signal's why: short, whole words, on one line."""

from __future__ import annotations

import pytest

from bot.senses.quoting import MAX_LETTERS, quoted


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [("It fails.", "“It fails”"), ("a\n b", "“a b”"), ("“All” is gone", '“"All" is gone”'), ("", ""), (" . ", "")],
)
def test_a_sentence_is_quoted_as_it_stands(sentence: str, quote: str) -> None:
    assert quoted(sentence) == quote


def test_a_long_sentence_is_cut_between_words() -> None:
    found = quoted("word " * 60)

    assert len(found) <= MAX_LETTERS + 2
    assert found.endswith("word”")
    assert len(quoted("x" * 300)) == MAX_LETTERS + 2
