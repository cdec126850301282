"""is_spam: the helpdesk says so, or several phrases of advertisement or fraud stand together."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors.issue_type import SURE_SPAM
from bot.senses.detectors.spam_words import spam_weight
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """Never true for somebody whom an agent has already answered: that conversation is real."""
    if ticket.is_spam:
        return Signal(value=True, score=1.0, why="marked as spam in the helpdesk")
    if ticket.agent_replies:
        return Signal(value=False, score=0.9, why="an agent has answered")
    weight, words = spam_weight(text)
    if weight >= SURE_SPAM:
        return Signal(value=True, score=min(0.95, 0.5 + 0.1 * weight), why="words found: " + ", ".join(words)[:160])
    return Signal(value=False, score=0.8 if not words else 0.6, why="no words of spam" if not words else "only a hint")
