"""Which sentences of a long text are read: its beginning, its end, and from its middle those that weigh most.

Reading costs a sentence vector each, weighing words alone: an outage that stands in the middle of a long mail is found by them.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.senses.learned.classifier import gravity
from bot.senses.learned.sentences import sentences

MAX_SENTENCES = 60
FIRST, LAST = 24, 12
MAX_LETTERS = 15_000  # of a text that detectors look at
FIRST_LETTERS, LAST_LETTERS = 8_000, 4_000


def chosen(found: Sequence[str]) -> list[str]:
    """At most MAX_SENTENCES of them, in their order."""
    if len(found) <= MAX_SENTENCES:
        return list(found)
    middle = range(FIRST, len(found) - LAST)
    kept = sorted(_weightiest([found[place] for place in middle])[: MAX_SENTENCES - FIRST - LAST])
    return [*found[:FIRST], *(found[FIRST + place] for place in kept), *found[-LAST:]]


def within(text: str) -> str:
    """At most MAX_LETTERS of a text: its beginning, the weightiest sentences of its middle, its end."""
    if len(text) <= MAX_LETTERS:
        return text
    middle = sentences(text[FIRST_LETTERS:-LAST_LETTERS])
    left = MAX_LETTERS - FIRST_LETTERS - LAST_LETTERS
    kept = []
    for place in _weightiest(middle):
        left -= len(middle[place]) + 1
        if left < 0:
            break
        kept.append(place)
    shown = "\n".join(middle[place] for place in sorted(kept))
    return f"{text[:FIRST_LETTERS]}\n\n{shown}\n\n{text[-LAST_LETTERS:]}"


def _weightiest(found: Sequence[str]) -> list[int]:
    """Their places, the weightiest first; of those that are the same the first alone."""
    first = {each: place for place, each in reversed(list(enumerate(found)))}
    places = sorted(first.values())
    weights = gravity([found[place] for place in places])
    return [place for _, place in sorted((-weight, place) for weight, place in zip(weights, places, strict=True))]
