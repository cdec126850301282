"""legal_words: lawyers, courts and regulators, whole words only."""

from __future__ import annotations

import pytest

from bot.senses.detectors.legal_words import detect
from tests.senses.makers import value


@pytest.mark.parametrize(
    "text", ["I will talk to my lawyer", "Mein Anwalt meldet sich", "Mon avocat vous écrira", "Llamaré a mi abogado"]
)
def test_legal_words_are_found(text: str) -> None:
    assert value(detect, text)


@pytest.mark.parametrize("word", ["issue", "pursue", "courtesy", "suede"])
def test_parts_of_words_are_not_found(word: str) -> None:
    assert value(detect, f"a {word} of ours") == ()
