"""sentiment: angry, frustrated, confused, neutral or satisfied, by the tone: a calm report of bad trouble is neutral.

What sentences, the whole, strong words and shouting say is weighed together (bot/senses/weighing.py).
"""

from __future__ import annotations

import math
from collections import defaultdict

from adapters.ticket import Ticket
from bot.senses.conversation import language_of
from bot.senses.learned.answers import MOODS
from bot.senses.lexicon import Hit, lexicon
from bot.senses.quoting import quoted
from bot.senses.ticket_reading import TicketReading, reading
from bot.senses.weighing import likelihoods, weight
from rules.model.facts import Signal

FULL_WEIGHT = 6.0  # of strong words of the lists from which they count in full
MOST_SENTENCES = math.exp(3)


def detect(ticket: Ticket, text: str) -> Signal:
    """The likeliest mood, with the sentence that shows it most."""
    found = reading(text, language_of(ticket, text))
    if found.is_empty:
        return Signal(value="neutral", score=0.3, why="nothing is said")
    likely = likelihoods("sentiment", signs_of(found))
    mood = max(MOODS, key=lambda each: likely[each])
    _, sentence = found.strongest("mood", mood)
    why = "the tone is calm" if mood == "neutral" else quoted(sentence)
    return Signal(value=mood, score=round(likely[mood], 2), why=why)


def signs_of(found: TicketReading) -> dict[str, float]:
    """By name, in a fixed order: of each mood what one sentence, the whole, all sentences and listed words say; shouting."""
    weights, _ = moods(found.text)
    signs: dict[str, float] = {}
    for mood in MOODS:
        each = [likely["mood"][mood] for likely in found.each]
        signs[f"strongest_{mood}"] = weight(max(each))
        signs[f"whole_{mood}"] = weight(found.whole["mood"][mood])
        signs[f"mean_{mood}"] = sum(each) / len(each)
        signs[f"words_{mood}"] = min(1.0, weights.get(mood, 0.0) / FULL_WEIGHT)
    grave = {f"severity_{each}": weight(found.whole["severity"][each]) for each in ("p1", "p4")}
    length = math.log(min(MOST_SENTENCES, len(found.sentences)))
    return {**signs, **grave, "shouting": shouting(found.text), "length": length}


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
