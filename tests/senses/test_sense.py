"""sense: all signals of a ticket, whatever it holds and whichever detector fails."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import Message, Ticket
from bot.senses import DETECTORS, sense
from rules.model.facts import Signal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_every_signal_has_a_value_a_score_and_a_why() -> None:
    signals = sense(Ticket(subject="Help"), NOW)

    assert set(signals) == set(DETECTORS)
    assert all(0 <= signal.score <= 1 and signal.why for signal in signals.values())


def test_a_failing_detector_costs_only_its_own_signal() -> None:
    def broken(ticket: Ticket, text: str) -> Signal:
        raise ValueError("no")

    signals = sense(Ticket(subject="Help"), NOW, {"broken": broken, "is_spam": DETECTORS["is_spam"]})

    assert set(signals) == {"is_spam"}


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_gives_every_signal(subject: str, body: str) -> None:
    signals = sense(Ticket(subject=subject, messages=(Message(body_text=body),)), NOW)

    assert set(signals) == set(DETECTORS)
