"""sentiment: the strongest mood of a text, in four languages."""

from __future__ import annotations

import pytest

from bot.senses.detectors.sentiment import detect
from tests.senses.makers import value


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("This is outrageous, you are incompetent!", "angry"),
        ("Das ist eine Frechheit!", "angry"),
        ("C'est une honte, une arnaque !", "angry"),
        ("¡Es una vergüenza!", "angry"),
        ("This keeps happening and I am still waiting", "frustrated"),
        ("Das ist jetzt schon wieder passiert, ich bin enttäuscht", "frustrated"),
        ("Toujours pas de solution, je suis déçu", "frustrated"),
        ("I don't understand what this page means", "confused"),
        ("Ich verstehe nicht, was das bedeutet", "confused"),
        ("It works now, thank you so much, excellent support", "satisfied"),
        ("Super, vielen Dank, es funktioniert wieder", "satisfied"),
        ("Please change the address on our account", "neutral"),
    ],
)
def test_sentiment_is_guessed(text: str, mood: str) -> None:
    assert value(detect, text) == mood
