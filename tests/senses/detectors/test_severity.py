"""severity: from what is broken and how badly work is stopped."""

from __future__ import annotations

import pytest

from adapters.ticket import Message, Ticket
from bot.senses.detectors.severity import detect
from tests.senses.makers import signal, value


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Everything is down, none of our 40 users can log in", "p1"),
        ("All our records have disappeared", "p1"),
        ("I found a way to read other customers' invoices without signing in", "p1"),
        ("Checkout shows an error message, customers cannot pay and we are losing sales", "p1"),
        ("サービスが停止しています。誰もログインできません。", "p1"),
        ("Tutti i nostri dati sono spariti stanotte.", "p1"),
        ("The export has been broken since yesterday, we cannot work and there is no way around", "p2"),
        ("I forgot my password and the mail to reset it does not come", "p3"),
        ("The logo is slightly blurred on the login page, purely cosmetic", "p4"),
        ("How do I change the logo?", "p4"),
        ("It would be great if you had a dark mode", "p4"),
        ("Are you certified for ISO 27001?", "p4"),
    ],
)
def test_severity_follows_impact_and_urgency(text: str, severity: str) -> None:
    assert value(detect, text) == severity


def test_nothing_told_is_unknown_and_never_p4() -> None:
    assert value(detect, "Good morning to you") is None


@pytest.mark.parametrize(
    "text",
    [
        "I am FURIOUS!!! This is the rudest company in the world and everybody should know it!",
        "URGENT URGENT please send me the invoice for May again NOW",
        "I want my money back, this is a scandal and I will tell everyone",
    ],
)
def test_rage_about_a_light_matter_is_no_outage(text: str) -> None:
    assert value(detect, text) in ("p2", "p3", "p4")


def test_a_conversation_keeps_its_severity_through_short_answers() -> None:
    messages = (
        Message(body_text="All our records have disappeared since the update."),
        Message(body_text="Yes, in both browsers."),
    )

    assert signal(detect, Ticket(subject="Help", messages=messages)).value == "p1"
