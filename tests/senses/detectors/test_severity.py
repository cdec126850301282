"""severity: from what is broken and how badly work is stopped."""

from __future__ import annotations

import pytest

from bot.senses.detectors.severity import detect
from tests.senses.makers import value


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Everything is down", "p1"),
        ("All our records have disappeared", "p1"),
        ("I found a vulnerability", "p1"),
        ("Checkout shows an error message, customers cannot pay and we are losing sales", "p1"),
        ("The report page shows an error message for all users and this is urgent", "p1"),
        ("The export is broken and we cannot work", "p2"),
        ("I am locked out of my account", "p2"),
        ("The chart shows an error message", "p3"),
        ("There is a bug but we have a workaround, no rush", "p4"),
        ("There is a typo on the start page, looks broken", "p4"),
        ("How do I change the logo?", "p4"),
        ("It would be great if you had a dark mode", "p4"),
    ],
)
def test_severity_follows_impact_and_urgency(text: str, severity: str) -> None:
    assert value(detect, text) == severity
