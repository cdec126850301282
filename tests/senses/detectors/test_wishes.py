"""wishes: all of them, the surest first, each with the words that say it."""

from __future__ import annotations

from bot.senses.detectors.wishes import detect
from tests.senses.makers import signal, ticket, value


def test_several_wishes_are_told_with_their_words() -> None:
    found = signal(detect, ticket("Please cancel our subscription at once. And I want my money back for May."))

    assert isinstance(found.value, tuple)
    assert {"cancel", "refund"} <= set(found.value)
    assert "cancel: “" in found.why
    assert "refund: “" in found.why


def test_a_question_wants_nothing_but_an_answer() -> None:
    assert value(detect, "Where do I find the settings of the calendar?") == ()
