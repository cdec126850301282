"""sentiment: angry, frustrated, confused, neutral or satisfied. A guess by word lists in English, German, French, Spanish."""

from __future__ import annotations

from collections import defaultdict

from adapters.ticket import Ticket
from bot.senses.lexicon import Hit, lexicon
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """The strongest mood; between moods the more serious one wins."""
    weights, hits = moods(text)
    angry, frustrated, satisfied = weights["angry"] + shouting(text), weights["frustrated"], weights["satisfied"]
    bad = angry + frustrated
    if angry >= 2 and angry >= satisfied:
        return _signal("angry", angry, hits, also=frustrated)
    if bad >= 2 and bad > satisfied:
        return _signal("frustrated", bad, hits)
    if satisfied >= 2 and satisfied > bad:
        return _signal("satisfied", satisfied - bad, hits)
    if weights["confused"] >= 2:
        return _signal("confused", weights["confused"], hits)
    return Signal(value="neutral", score=0.5 if not hits else 0.4, why="no strong words found")


def moods(text: str) -> tuple[dict[str, float], list[Hit]]:
    """The weight of each mood, and the phrases behind it. A negated good word is a bad one ("not happy")."""
    hits = lexicon("sentiment").find(text)
    weights: dict[str, float] = defaultdict(float)
    for hit in hits:
        if not hit.negated:
            weights[hit.label] += hit.weight
        elif hit.label == "satisfied":
            weights["frustrated"] += hit.weight
    return weights, hits


def shouting(text: str) -> float:
    """0 to 2 for capitals and runs of exclamation marks; short texts and acronyms do not count."""
    letters = [char for char in text if char.isalpha()]
    upper = sum(char.isupper() for char in letters)
    loud = 1.0 if len(letters) >= 20 and upper > 0.6 * len(letters) else 0.0
    return loud + (1.0 if "!!" in text or "?!" in text else 0.0)


def _signal(value: str, weight: float, hits: list[Hit], also: float = 0.0) -> Signal:
    words = ", ".join(f"“{hit.words}”" for hit in hits if hit.label == value or (value == "frustrated" and hit.negated))
    score = min(0.9, 0.45 + 0.08 * weight + 0.02 * also)
    return Signal(value=value, score=round(score, 2), why=f"words found: {words[:160]}" if words else "tone of the text")
