"""legal_words: words of lawyers, courts and regulators, where the customer threatens with them or lets them act."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.quoting import quoted
from bot.senses.wishes import wish_of
from rules.model.facts import Signal

MOST = 10
LIKELY_BESIDE_WORDS = 0.35  # a word of the list needs no more than that beside it; "Sue Miller" has less


def detect(ticket: Ticket, text: str) -> Signal:
    """The phrases of the list, else the sentence that says it in other words; empty where nobody threatens."""
    found = wish_of(ticket, text, "legal")
    if not found.is_there and not (found.phrases and found.score >= LIKELY_BESIDE_WORDS):
        return Signal(value=(), score=round(1 - found.score, 2), why="nobody threatens with the law")
    words = found.phrases[:MOST] or (quoted(found.quote).strip("“”"),)
    return Signal(value=words, score=max(found.score, 0.5), why=quoted(found.quote))
