"""legal_words: words of lawyers, courts and regulators that stand in the text."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.lexicon import lexicon
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """At most ten phrases; empty where there are none."""
    words = [hit.words for hit in lexicon("asks").said(text) if hit.label == "legal"]
    if not words:
        return Signal(value=(), score=0.8, why="none found")
    return Signal(value=tuple(words[:10]), score=0.85, why="words found: " + ", ".join(words)[:160])
