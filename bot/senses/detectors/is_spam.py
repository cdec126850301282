"""is_spam: the helpdesk says so, or several phrases of advertisement or fraud stand together, and none of a customer's own."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors.spam_words import SURE_SPAM, spam_weight
from rules.model.facts import Signal

LEARNED = 3.0  # how far a learned guess reaches from "never" to "always"


def detect(ticket: Ticket, text: str, reads_like_spam: float | None = None) -> Signal:
    """Never true for somebody whom an agent has already answered: that conversation is real. `reads_like_spam`: a learned guess,
    0 to 1, one more hint where there are others."""
    if ticket.is_spam:
        return Signal(value=True, score=1.0, why="marked as spam in the helpdesk")
    if ticket.agent_replies:
        return Signal(value=False, score=0.9, why="an agent has answered")
    weight, words = spam_weight(text)
    if weight and reads_like_spam is not None:
        weight += LEARNED * (reads_like_spam - 0.5)
    if weight >= SURE_SPAM:
        return Signal(value=True, score=min(0.95, 0.5 + 0.1 * weight), why="words found: " + ", ".join(words)[:160])
    return Signal(value=False, score=0.8 if not words else 0.6, why="no words of spam" if not words else "only a hint")
