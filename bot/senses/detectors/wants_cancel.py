"""wants_cancel: the customer asks to end the subscription, contract or account."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.wishes import wish_of
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """Not true for "I don't want to cancel", nor for cancelling an order or an appointment."""
    found = wish_of(ticket, text, "cancel")
    return Signal(value=found.is_there, score=max(found.score, round(1 - found.score, 2)), why=found.why)
