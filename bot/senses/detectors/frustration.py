"""frustration: 0 to 1, from words, capitals, reopened tickets and messages that nobody answered."""

from __future__ import annotations

import math

from adapters.ticket import Ticket
from bot.senses.detectors.sentiment import moods, shouting
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """Value and score apart: the value is how frustrated, the score how sure we are."""
    weights, hits = moods(text)
    words = weights["angry"] + 0.7 * weights["frustrated"] - 0.5 * weights["satisfied"]
    waiting = max(0, unanswered(ticket) - 1)
    total = max(0.0, words + shouting(text) + 0.8 * waiting + 0.8 * ticket.reopen_count)
    reasons = [f"“{hit.words}”" for hit in hits if hit.label in {"angry", "frustrated"} and not hit.negated][:5]
    reasons += [f"{waiting + 1} messages without an answer"] if waiting else []
    reasons += [f"reopened {ticket.reopen_count} times"] if ticket.reopen_count else []
    return Signal(value=round(1 - math.exp(-total / 4), 2), score=0.6, why=", ".join(reasons) or "nothing found")


def unanswered(ticket: Ticket) -> int:
    """The customer's messages since the last public reply by a person of the team."""
    count = 0
    for message in reversed(ticket.messages):
        if message.is_agent_reply and not message.is_auto_generated:
            break
        count += message.is_from_customer
    return count
