"""sentiment: angry, frustrated, confused, neutral or satisfied, by the tone: a calm report of bad trouble is neutral."""

from __future__ import annotations

from collections import defaultdict

from adapters.ticket import Ticket
from bot.senses.conversation import language_of
from bot.senses.learned.answers import MOODS
from bot.senses.lexicon import Hit, lexicon
from bot.senses.quoting import quoted
from bot.senses.ticket_reading import reading
from rules.model.facts import Signal

OF_NEUTRAL = 0.7  # many sentences of an annoyed ticket are calm
OF_WORDS = 0.3  # what strong words of the lists, or shouting, add to a mood's likelihood
FULL_WEIGHT = 6.0  # of words from which they add all of it


def detect(ticket: Ticket, text: str) -> Signal:
    """The likeliest mood, with the sentence that shows it most."""
    found = reading(text, language_of(ticket, text))
    if found.is_empty:
        return Signal(value="neutral", score=0.3, why="nothing is said")
    weights, _ = moods(text)
    likely = {each: found.somewhere("mood", each) for each in MOODS}
    likely["neutral"] *= OF_NEUTRAL
    for each in MOODS:
        likely[each] += OF_WORDS * min(1.0, weights.get(each, 0.0) / FULL_WEIGHT)
    likely["angry"] += OF_WORDS * (shouting(text) >= 1)
    mood = max(MOODS, key=lambda each: likely[each])
    _, sentence = found.strongest("mood", mood)
    why = "the tone is calm" if mood == "neutral" else quoted(sentence)
    return Signal(value=mood, score=round(min(0.95, likely[mood]), 2), why=why)


def moods(text: str) -> tuple[dict[str, float], list[Hit]]:
    """The weight of each mood's listed words, and those words. A negated good word is a bad one ("not happy")."""
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
