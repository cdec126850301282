"""asks_for_management: asking for a manager, in four languages."""

from __future__ import annotations

import pytest

from bot.senses.detectors.asks_for_management import detect
from tests.senses.makers import value


@pytest.mark.parametrize(
    "text", ["I want to speak to your manager", "Ich möchte Ihren Vorgesetzten sprechen", "Je veux parler à votre responsable"]
)
def test_asking_for_management_is_found(text: str) -> None:
    assert value(detect, text) is True
