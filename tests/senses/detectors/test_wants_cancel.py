"""wants_cancel: a wish to end the contract, told from its denial and from other cancelling."""

from __future__ import annotations

import pytest

from bot.senses.detectors.wants_cancel import detect
from tests.senses.makers import value


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("Please cancel our contract", True),
        ("Bitte kündigen Sie mein Abo", True),
        ("Je veux résilier", True),
        ("Queremos cancelar", True),
        ("I don't want to cancel, I have a question", False),
        ("Ich will nicht kündigen", False),
        ("Je ne veux pas résilier", False),
        ("No quiero cancelar mi cuenta", False),
        ("The cancel button of the export does nothing", False),
    ],
)
def test_a_wish_to_cancel_is_told_from_its_denial(text: str, wants: bool) -> None:
    assert value(detect, text) is wants
