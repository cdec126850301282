"""Words are compared as people mean them, and found as whole words only."""

from __future__ import annotations

import pytest

from rules.values.text import first_phrase, has_phrase, normal


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  Two\n words ", "two words"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＤＯＷＮ", "down"),
        ("don\u2019t", "don't"),
        ("soft\u00adly", "softly"),
        ("cafe\u0301", "café"),
    ],
)
def test_spellings_of_one_word_come_out_the_same(text: str, wanted: str) -> None:
    assert normal(text) == wanted
    assert normal(normal(text)) == wanted


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("it is down", "down", True),
        ("a download", "down", False),
        ("shutdown", "down", False),
        ("a download is down", "down", True),
        ("order #12", "#12", True),
        ("order #123", "#12", False),
        ("l'école", "école", True),
        ("我要退款谢谢", "退款", True),
        ("नमस्ते", "नमस्त", False),
        ("", "down", False),
    ],
)
def test_a_phrase_is_found_between_the_edges_of_words(text: str, phrase: str, found: bool) -> None:
    assert has_phrase(text, phrase) is found


def test_the_first_in_the_list_is_named_and_not_the_first_in_the_text() -> None:
    assert first_phrase("up and down", ["sideways", "down", "up"]) == "down"
    assert first_phrase("up and down", ["sideways"]) == ""
