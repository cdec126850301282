"""product_area: which part of the product it is about, of the team's own list; unknown where nothing tells."""

from __future__ import annotations

from functools import lru_cache

from adapters.ticket import Ticket
from bot.senses.conversation import earlier_texts, issues_of, language_of
from bot.senses.detectors.issue import KNOWN, is_advertisement
from bot.senses.issues import FoundIssue
from bot.senses.lexicon import Lexicon
from bot.senses.nearest import nearest
from bot.senses.own_issues import SURE, evidence
from bot.senses.quoting import quoted
from rules.model.facts import Signal
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

OF_WORD, OF_WORDS = 0.7, 0.8  # likelihood by one word of an area, and by several
UNKNOWN = Signal(value=None, score=0.0, why="nothing tells which area")


def detect(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> Signal:
    """The area of the issue, where it has one; else the area whose words are said, or whose examples are near; of a conversation
    the newest message that tells."""
    if is_advertisement(ticket, text):
        return UNKNOWN
    areas = {each.path: each.area for each in own.issues}
    _, issues, _ = issues_of(ticket, text, own)
    told = next((each for each in issues if each.score >= KNOWN and areas.get(each.path)), None)
    if told is not None:
        return _of_issue(told, areas[told.path])
    spoken = language_of(ticket, text)
    found = (_by_words(each, own) or _by_examples(each, spoken, own) for each in (text, *earlier_texts(ticket)))
    return next(filter(None, found), UNKNOWN)


def _of_issue(told: FoundIssue, area: str) -> Signal:
    return Signal(value=area, score=told.score, why=f"{told.path} {evidence(told)}")


def _by_words(text: str, own: OwnIssues) -> Signal | None:
    """The area with most of its words in the text; of as many, that of the word that comes first."""
    hits: dict[str, list[str]] = {}
    for hit in _words(own).find(text):
        hits.setdefault(hit.label, []).append(hit.words)
    if not hits:
        return None
    name, said = max(hits.items(), key=lambda each: (len(each[1]), -_place(text, each[1])))
    return Signal(value=name, score=OF_WORD if len(said) == 1 else OF_WORDS, why=f"words found: {', '.join(said)}")


@lru_cache(maxsize=4)
def _words(own: OwnIssues) -> Lexicon:
    return Lexicon([(each.name, 1.0, list(each.words)) for each in own.areas if each.words])


def _place(text: str, words: list[str]) -> int:
    return min((place for each in words if (place := text.casefold().find(each.casefold())) >= 0), default=len(text))


def _by_examples(text: str, language: str, own: OwnIssues) -> Signal | None:
    best = next((each for each in nearest(text, language, own) if each.name in own.area_names), None)
    if best is None or best.score < SURE:
        return None
    return Signal(value=best.name, score=best.score, why=f"{quoted(best.quote)} is near ‘{best.example}’")
