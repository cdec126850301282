"""churn_words: the phrases of leaving that stand in the text, direct ones first; empty where there are none."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.lexicon import Hit, lexicon
from rules.model.facts import Signal

_ORDER = ("at_once", "direct", "considering", "indirect")


def detect(ticket: Ticket, text: str) -> Signal:
    """At most ten phrases. The score is high only where one is direct: frustration alone is a hint."""
    hits = found(text)
    if not hits:
        return Signal(value=(), score=0.8, why="none found")
    labels = {hit.label for hit in hits}
    score = 0.85 if labels & {"at_once", "direct"} else 0.7 if "considering" in labels else 0.5
    phrases = tuple(dict.fromkeys(hit.words for hit in hits))[:10]
    return Signal(value=phrases, score=score, why=", ".join(sorted(labels)))


def found(text: str) -> list[Hit]:
    hits = lexicon("churn").said(text)
    return sorted(hits, key=lambda hit: _ORDER.index(hit.label))
