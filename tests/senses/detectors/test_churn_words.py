"""churn_words: the phrases of leaving as they stand in the text."""

from __future__ import annotations

from bot.senses.detectors.churn_words import detect
from tests.senses.makers import signal, ticket, value


def test_churn_words_quote_the_text() -> None:
    assert value(detect, "We want to downgrade") == ("downgrade",)


def test_direct_words_come_first_and_are_surer_than_reasons() -> None:
    both, reason = signal(detect, ticket("It keeps happening, we want to cancel")), signal(detect, ticket("It keeps happening"))

    assert both.value == ("want to cancel", "keeps happening")
    assert both.score > reason.score


def test_denied_words_of_leaving_are_none() -> None:
    assert value(detect, "We don't want to downgrade") == ()
