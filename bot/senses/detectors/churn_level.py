"""churn_level: none, low, medium, high or critical, from the words alone; revenue and renewal are for the rules.

critical: leaving at once, or a direct wish together with two more reasons. high: says it will leave. medium: weighs
alternatives, or two reasons. low: one reason.
"""

from __future__ import annotations

from collections import Counter

from adapters.ticket import Ticket
from bot.senses.detectors.churn_words import found
from bot.senses.lexicon import lexicon
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    counts = Counter(hit.label for hit in found(text))
    legal = any(hit.label == "legal" for hit in lexicon("asks").said(text))
    level = _level(counts, legal)
    evidence = ", ".join(f"{count} {label}" for label, count in counts.items())
    score = 0.8 if level == "none" else {"low": 0.5, "medium": 0.6, "high": 0.8, "critical": 0.85}[level]
    return Signal(value=level, score=score, why=evidence or "no words of leaving")


def _level(counts: Counter[str], legal: bool) -> str:
    reasons = counts["considering"] + counts["indirect"] + legal
    if counts["at_once"] or (counts["direct"] and reasons >= 2):
        return "critical"
    if counts["direct"]:
        return "high"
    if counts["considering"] or counts["indirect"] >= 2:
        return "medium"
    return "low" if counts["indirect"] else "none"
