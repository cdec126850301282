"""churn_words: the phrases of leaving as they stand in the text."""

from __future__ import annotations

from bot.senses.detectors.churn_words import detect
from tests.senses.makers import value


def test_churn_words_quote_the_text() -> None:
    assert value(detect, "We want to downgrade") == ("downgrade",)
