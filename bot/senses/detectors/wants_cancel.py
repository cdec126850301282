"""wants_cancel: the customer asks to end the subscription, contract or account."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.lexicon import lexicon
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """Not true for "I don't want to cancel", nor for cancelling an order or an appointment."""
    words = [hit.words for hit in lexicon("asks").said(text) if hit.label == "cancel"]
    if not words:
        return Signal(value=False, score=0.8, why="none found")
    return Signal(value=True, score=0.85, why="words found: " + ", ".join(words)[:160])
