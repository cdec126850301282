"""Whether a ticket is advertisement or fraud: one verdict for `is_spam` and all that say what a ticket is about.

Customers of shops, lotteries, casinos and SEO tools use the same words. So words of what is sold are no verdict without those
of a seller, and whoever tells of a matter of their own or of a fault is a customer. Whoever tells of a harm may quote what an
attacker advertises.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from adapters.ticket import Ticket
from bot.senses.conversation import language_of
from bot.senses.issues import told_harm
from bot.senses.lexicon import Hit, lexicon
from bot.senses.ticket_reading import reading

MANY_LINKS = 4
MOST_TOPICS = 3.0
MOST_WITHOUT_SELLER = 2.0
_WEIGHTS = {"offer": 2.0, "claim": 2.0, "hint": 1.0, "topic": 1.0, "pressure": 1.0, "opt_out": 2.0}
_OF_SELLERS = frozenset({"offer", "claim", "opt_out"})
OWN = 2.5  # what it takes off that somebody speaks of a matter of their own
WISH = 1.0  # sellers want something too
SURE_SPAM = 3.0
ALONE = 0.95  # of the learned guess: customers' tickets reach 0.83 (tests/senses/first_day), those of marketing people 0.93
LEARNED = 3.0  # how far it reaches from "never" to "always" beside words
MOST_AGAINST = 1.0  # plain words of a seller stand against it
PERHAPS = 0.5  # below this of the learned guess, what reads as a harm is no advertisement
_QUOTED = re.compile(r"“[^“”]{8,}”|„[^„“”]{8,}[“”]|«[^«»]{8,}»|「[^「」]{4,}」|『[^『』]{4,}』|\"[^\"]{8,}\"")


@dataclass(frozen=True, slots=True)
class Verdict:
    is_spam: bool
    score: float
    why: str


def verdict(ticket: Ticket, text: str) -> Verdict:
    """Spam where the helpdesk marked it, or where it reads so; never of somebody whom an agent has already answered: that
    conversation is real."""
    if ticket.is_spam:
        return Verdict(True, 1.0, "marked as spam in the helpdesk")
    if ticket.agent_replies:
        return Verdict(False, 0.9, "an agent has answered")
    return _of_words(text, language_of(ticket, text))


@lru_cache(maxsize=64)
def _of_words(text: str, spoken: str) -> Verdict:
    weight, words = advertisement(text, spoken)
    if weight >= SURE_SPAM and not _tells_harm(text, spoken):
        return Verdict(True, min(0.95, 0.5 + 0.1 * weight), ", ".join(words)[:160])
    if weight >= SURE_SPAM:
        return Verdict(False, 0.6, "tells of a harm, and quotes an advertisement")
    return Verdict(False, 0.8 if not words else 0.6, "no words of spam" if not words else "only a hint")


def _tells_harm(text: str, spoken: str) -> bool:
    """Whether it is read as a harm, and not as advertisement: all of it, or what is left without what stands in quotes."""
    for said in dict.fromkeys((text, _QUOTED.sub(" ", text))):
        found = reading(said, spoken)
        if not found.is_empty and found.whole["spam"]["spam"] < PERHAPS and told_harm(said, spoken):
            return True
    return False


def advertisement(text: str, spoken: str) -> tuple[float, list[str]]:
    """What words and the learned guess weigh together (from SURE_SPAM on it is one), and what that rests on. The guess is a hint
    beside words; alone it is enough where it is sure."""
    weight, words = spam_weight(text)
    found = reading(text, spoken)
    likely = 0.0 if found.is_empty else found.whole["spam"]["spam"]
    if likely >= ALONE:
        return max(weight, SURE_SPAM + likely), ["reads like advertisement or fraud", *words]
    if weight and not found.is_empty:
        weight += max(-MOST_AGAINST, LEARNED * (likely - 0.5))
    return weight, [f"words found: {words[0]}", *words[1:]] if words else []


def spam_weight(text: str) -> tuple[float, list[str]]:
    """The weight (from 3 on a verdict) and the phrases behind it. A phrase inside another ("seo" in "seo services") is the
    same hint."""
    hits = _outermost([hit for hit in lexicon("spam").said(text) if hit.label in _WEIGHTS])
    if not hits:
        return 0.0, []
    words = [hit.words for hit in hits]
    weight = sum(_WEIGHTS[hit.label] for hit in hits if hit.label != "topic")
    weight += min(MOST_TOPICS, sum(_WEIGHTS[hit.label] for hit in hits if hit.label == "topic"))
    links = text.count("http://") + text.count("https://")
    if links >= MANY_LINKS:
        weight, words = weight + 1, [*words, f"{links} links"]
    if not any(hit.label in _OF_SELLERS for hit in hits):
        weight = min(weight, MOST_WITHOUT_SELLER)
    return max(0.0, weight - _customers(text)), words


def _customers(text: str) -> float:
    """What the signs of a customer weigh: matters of their own, a fault, a wish."""
    own = {hit.words for hit in lexicon("spam").find(text, "customer")}
    said = {hit.label for hit in lexicon("auto_reply").find(text, "person.")}
    return OWN * (len(own) + ("person.fault" in said)) + WISH * ("person.request" in said)


def _outermost(hits: list[Hit]) -> list[Hit]:
    all_phrases = "|".join(f" {hit.words} " for hit in hits)
    return [hit for hit in hits if all_phrases.count(f" {hit.words} ") == 1]
