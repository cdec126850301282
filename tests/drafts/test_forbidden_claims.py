"""Claims of having acted, refusals and closings, told from plain instructions."""

from __future__ import annotations

import pytest

from bot.drafts.forbidden_claims import claims_action


@pytest.mark.parametrize(
    "text",
    [
        "I've closed the ticket.",
        "We have already refunded you.",
        "Your account has been deleted.",
        "We will refund 500 EUR.",
        "Wir haben Ihnen den Betrag erstattet.",
        "Ihr Konto wurde gelöscht.",
        "Ich bestätige, dass 750 EUR erstattet wurden.",
        "Wir werden den Betrag erstatten.",
        "Nous avons remboursé la somme.",
        "Hemos cancelado la suscripción.",
    ],
)
def test_claims_of_having_acted_are_found(text: str) -> None:
    assert claims_action(text)


@pytest.mark.parametrize(
    "text", ["Open Settings and press Close.", "A colleague will look into it.", "Öffnen Sie die Einstellungen."]
)
def test_instructions_are_no_claims(text: str) -> None:
    assert not claims_action(text)
