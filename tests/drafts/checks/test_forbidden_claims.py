"""Claims of having acted, refusals and closings, told from plain instructions."""

from __future__ import annotations

import time

import pytest

from bot.drafts.checks.forbidden_claims import claims_action, is_closing, is_refusal
from tests.harness.cpu_time import cpu_seconds_since


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


@pytest.mark.parametrize(
    "text",
    ["I'm sorry, but I cannot do that.", "As an AI model I may not.", "Ich kann Ihnen dabei nicht helfen.", "No puedo ayudar."],
)
def test_refusals_are_found_where_a_sentence_begins_so(text: str) -> None:
    assert is_refusal(text)
    assert not is_refusal(f"Open Settings. {text}")


@pytest.mark.parametrize("text", ["Best regards,", "Kind regards,\nAnna", "Your Support Team", "Mit freundlichen Grüßen"])
def test_a_closing_may_have_a_short_name_under_it(text: str) -> None:
    assert is_closing(text)


@pytest.mark.parametrize("text", ["Best open Settings first.", "Regards the export: open Settings.", "Best regards," + "x" * 120])
def test_a_sentence_that_begins_like_a_closing_is_none(text: str) -> None:
    assert not is_closing(text)


def test_a_long_text_costs_its_length() -> None:
    begun = time.process_time()

    found = [check("habe we have " * 20_000) for check in (claims_action, is_refusal, is_closing)]

    assert found == [False, False, False]
    assert cpu_seconds_since(begun) < 2
