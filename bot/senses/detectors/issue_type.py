"""issue_type: bug, outage, feature_request, billing, how_to, account_access, integration, security, data_loss,
cancellation, spam or other."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from adapters.ticket import Ticket
from bot.senses.detectors.spam_words import spam_weight
from bot.senses.lexicon import Hit, lexicon
from rules.model.facts import Signal

SURE_SPAM = 3.0


def detect(ticket: Ticket, text: str) -> Signal:
    """The type with most weight; the subject counts as text, so it counts once more where the body repeats it."""
    spam, _ = spam_weight(text)
    if ticket.is_spam or spam >= SURE_SPAM:
        return Signal(value="spam", score=0.8, why="reads like advertisement or fraud")
    weights, hits = weigh(text)
    if not weights:
        return Signal(value="other", score=0.3, why="no words of a known type")
    ranked = sorted(weights, key=lambda label: (-weights[label], _order().index(label)))
    best, second = ranked[0], weights[ranked[1]] if len(ranked) > 1 else 0.0
    found = ", ".join(f"“{hit.words}”" for hit in hits if hit.label == best)
    return Signal(value=best, score=_score(weights[best], second), why=f"words found: {found[:160]}")


def weigh(text: str) -> tuple[dict[str, float], list[Hit]]:
    """Weight per type. Distinct phrases add up, overlapping ones (`invoice`, `invoices`) hardly matter."""
    hits = _said(text)
    weights: dict[str, float] = defaultdict(float)
    for hit in hits:
        weights[hit.label] += hit.weight
    return dict(weights), hits


@lru_cache(maxsize=4)  # three detectors ask it of each text
def _said(text: str) -> list[Hit]:
    return lexicon("issue_type").said(text)


def _order() -> list[str]:
    return list(lexicon("issue_type").labels)


def _score(best: float, second: float) -> float:
    return round((1 - 0.5 / best if best else 0.0) * (1 - 0.35 * (second / best) ** 2), 2)
