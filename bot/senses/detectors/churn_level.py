"""churn_level: none, low, medium, high or critical, from what is said alone; revenue and renewal are for the rules. Domain D10.

critical: leaving at once, or asks to cancel with two more reasons. high: asks to cancel, or to pay less, looks at others,
doubts the renewal. medium: sees no value, its leadership asks, or two reasons. low: one reason.
"""

from __future__ import annotations

from collections import Counter

from adapters.ticket import Ticket
from bot.senses.detectors.churn_words import found as churn_phrases
from bot.senses.wishes import Wish, wishes_of
from rules.model.facts import Signal

_HIGH = ("cancel", "alternatives", "renewal_doubt", "downgrade")
_MEDIUM = ("no_value", "leadership_asks")
_BESIDE = ("legal", "manager")


def detect(ticket: Ticket, text: str) -> Signal:
    wishes = wishes_of(ticket, text)
    there = {name: wishes[name] for name in (*_HIGH, *_MEDIUM, *_BESIDE) if wishes[name].is_there}
    counts = Counter(hit.label for hit in churn_phrases(text))
    level = _level(there, counts)
    reasons = [*(f"{name.replace('_', ' ')}: {wish.why}" for name, wish in there.items()), *_listed(counts)]
    score = max((wish.score for wish in there.values()), default=0.5) if level != "none" else 0.8
    return Signal(value=level, score=round(score, 2), why=", ".join(reasons) or "nothing tells of leaving")


def _level(there: dict[str, Wish], counts: Counter[str]) -> str:
    others = len([name for name in there if name != "cancel"]) + bool(counts["indirect"])
    if "cancel" in there and (counts["at_once"] or others >= 2):
        return "critical"
    if any(name in there for name in _HIGH):
        return "high"
    if any(name in there for name in _MEDIUM) or counts["indirect"] >= 2:
        return "medium"
    return "low" if counts["indirect"] else "none"


def _listed(counts: Counter[str]) -> list[str]:
    return [f"{counts['indirect']} words of disappointment"] if counts["indirect"] else []
