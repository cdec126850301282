"""churn_level: how close to leaving the words are."""

from __future__ import annotations

import pytest

from bot.senses.detectors.churn_level import detect
from tests.senses.makers import value


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("How do I export?", "none"),
        ("This keeps happening", "low"),
        ("We are looking at alternatives to your product", "high"),
        ("I want to cancel my subscription", "high"),
        ("We are not renewing", "high"),
        ("Ich möchte kündigen", "high"),
        ("Please cancel our contract with immediate effect", "critical"),
        ("We want to cancel our contract. It keeps happening, and we are already looking at other vendors.", "critical"),
        ("We are not getting any value out of it.", "medium"),
    ],
)
def test_churn_level_follows_the_words(text: str, level: str) -> None:
    assert value(detect, text) == level
