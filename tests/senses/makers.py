"""Tickets in the words of customers, and what one detector makes of them."""

from __future__ import annotations

from adapters.ticket import Message, Ticket
from bot.senses import Detector, visible_text
from rules.model.facts import Signal, SignalValue


def ticket(body: str, subject: str = "") -> Ticket:
    return Ticket(subject=subject, messages=(Message(external_id="1", body_text=body),))


def signal(detect: Detector, of: Ticket) -> Signal:
    """What the detector finds in the words that `sense` would show it."""
    return detect(of, visible_text(of))


def value(detect: Detector, body: str, subject: str = "") -> SignalValue:
    return signal(detect, ticket(body, subject)).value
