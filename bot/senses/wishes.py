"""What the customer wants of us, now and for themselves: to cancel, money back, a call, somebody above, …

Each wish is weighed by what the likeliest sentence says, what the whole does, and whether a phrase of the lists stands there
that is not negated. A phrase alone is no wish: "why did you cancel my subscription", "the manager role", "a lawyer's office".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from adapters.ticket import Ticket
from bot.senses.conversation import language_of
from bot.senses.learned.answers import WISHES
from bot.senses.lexicon import lexicon
from bot.senses.quoting import quoted
from bot.senses.ticket_reading import reading

SURE = 0.53
# The weight of each sign in the logit, fitted on what may be looked at of tests/senses/first_day.
OF_SENTENCE, OF_WHOLE = 0.65, 0.62
OF_PHRASE = {"cancel": 0.5, "manager": 0.7, "legal": 1.2, "alternatives": 2.0}  # "manager" and "law" alone are mere words
START: Mapping[str, float] = {
    "cancel": -1.05,
    "downgrade": -0.38,
    "refund": -1.5,
    "callback": -1.23,
    "manager": -0.62,
    "legal": -0.75,
    "privacy": -0.3,
    "alternatives": -0.68,
    "renewal_doubt": -0.59,
    "no_value": -0.24,
    "leadership_asks": -0.88,
}
OF_DENIAL = -8.0  # the phrase stands there with "not" before it, and nowhere without; or it is told of somebody else's doing
LIMIT = 0.997
# wish -> phrases of the same words that are none: we cancelled, the refund has come, a bigger plan
_OTHERS_DOING: Mapping[str, str] = {"cancel": "cancelled_by_us", "refund": "refund_has_come", "downgrade": "wants_more"}
# wish -> its phrases: list, label
_PHRASES: Mapping[str, tuple[str, str]] = {
    "cancel": ("asks", "cancel"),
    "manager": ("asks", "management"),
    "legal": ("asks", "legal"),
    "alternatives": ("asks", "alternatives"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`score` is 0 to 1, `quote` the sentence that says it most."""

    name: str
    score: float
    quote: str
    phrases: tuple[str, ...] = ()

    @property
    def is_there(self) -> bool:
        return self.score >= SURE

    @property
    def why(self) -> str:
        return quoted(self.quote) if self.is_there else "nobody asks for it"


def wishes_of(ticket: Ticket, text: str) -> Mapping[str, Wish]:
    """Each wish with its score, by name."""
    return _wishes(text, language_of(ticket, text))


def wish_of(ticket: Ticket, text: str, name: str) -> Wish:
    return wishes_of(ticket, text)[name]


@lru_cache(maxsize=16)
def _wishes(text: str, language: str) -> Mapping[str, Wish]:
    found = reading(text, language)
    made: dict[str, Wish] = {}
    for name in WISHES:
        likely, quote = found.strongest("wish", name)
        phrases, is_denied = _phrases(text, name)
        of_phrases = OF_PHRASE[name] if phrases else OF_DENIAL if is_denied else 0.0
        signs = OF_SENTENCE * _logit(likely) + OF_WHOLE * _logit(found.whole["wish"][name]) + of_phrases + START[name]
        score = 0.0 if found.is_empty else 1 / (1 + math.exp(-signs))
        made[name] = Wish(name=name, score=round(score, 2), quote=quote, phrases=phrases)
    return made


def _phrases(text: str, name: str) -> tuple[tuple[str, ...], bool]:
    """What is said of the wish's phrases, and whether all that stands there is negated."""
    if name in _OTHERS_DOING and any(hit.label == _OTHERS_DOING[name] for hit in lexicon("asks").said(text)):
        return (), True
    if name not in _PHRASES:
        return (), False
    listed, label = _PHRASES[name]
    hits = [hit for hit in lexicon(listed).find(text) if hit.label == label]
    said = tuple(hit.words for hit in hits if not hit.negated)
    return said, bool(hits) and not said


def _logit(likely: float) -> float:
    bounded = max(1 - LIMIT, min(LIMIT, likely))
    return math.log(bounded / (1 - bounded))
