"""How a problem reads, and which word is suggested."""

from __future__ import annotations

from rules.files.problems import suggest


def test_a_slip_of_letters_is_taken_for_the_word_of_the_same_length() -> None:
    assert suggest("has_ayn", ["has", "has_any", "has_all"]) == ", did you mean has_any?"
