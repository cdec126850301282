"""asks_for_management: the customer asks for a manager, a supervisor or an escalation."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.lexicon import lexicon
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """Words of asking; a manager who merely writes to us does not count."""
    words = [hit.words for hit in lexicon("asks").said(text) if hit.label == "management"]
    if not words:
        return Signal(value=False, score=0.8, why="none found")
    return Signal(value=True, score=0.85, why="words found: " + ", ".join(words)[:160])
