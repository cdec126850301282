"""is_spam: the helpdesk says so, or it reads like advertisement or fraud and nothing in it is a customer's own."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors.spam_words import verdict
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """The verdict that `issue_type` goes by too."""
    found = verdict(ticket, text)
    return Signal(value=found.is_spam, score=found.score, why=found.why)
