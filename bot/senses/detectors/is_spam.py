"""is_spam: the helpdesk says so, or it reads like advertisement or fraud and nothing in it is a customer's own."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors.spam_words import SURE_SPAM, advertisement
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """Never true for somebody whom an agent has already answered: that conversation is real."""
    if ticket.is_spam:
        return Signal(value=True, score=1.0, why="marked as spam in the helpdesk")
    if ticket.agent_replies:
        return Signal(value=False, score=0.9, why="an agent has answered")
    weight, words = advertisement(ticket, text)
    if weight >= SURE_SPAM:
        return Signal(value=True, score=min(0.95, 0.5 + 0.1 * weight), why=", ".join(words)[:160])
    return Signal(value=False, score=0.8 if not words else 0.6, why="no words of spam" if not words else "only a hint")
