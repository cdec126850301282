"""A team's own issues beside the shipped ones: which of them a text is about, and which comes first.

They are told by their examples (bot/senses/nearest.py) or their phrases. A team's issue takes the place of the shipped one that
the same sentence tells of, and comes before the others; but a security report, a data loss or an outage is hidden by none and
stays first.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from bot.senses.issues import ALSO, BY_HARM, GRAVE, FoundIssue, found_issues
from bot.senses.lexicon import Lexicon
from bot.senses.nearest import Match, nearest
from bot.senses.quoting import quoted
from bot.senses.ticket_reading import reading
from rules.values.own_issues import OwnIssues

SURE = 0.5  # likelihood from which an own issue is told
OF_PHRASE = 0.8  # of one whose phrase is said


@lru_cache(maxsize=16)
def issues_with_own(text: str, language: str, own: OwnIssues) -> tuple[FoundIssue, ...]:
    """The issues of a text, the gravest first; none where nothing tells of any."""
    shipped = found_issues(text, language)
    if not own.issues:
        return shipped
    mine = tuple(_found(text, language, own))
    kept = [each for each in shipped if not mine or not _gives_way(each, mine)]
    return tuple(sorted([*mine, *kept], key=_rank))


def _gives_way(shipped: FoundIssue, mine: tuple[FoundIssue, ...]) -> bool:
    """A guess does to what is sure, and so does the same matter in coarser words."""
    graver = [each for each in mine if _harm(each) <= _harm(shipped)]
    same = (each.quote == shipped.quote or (each.issue_type == shipped.path) for each in graver)
    return shipped.score < ALSO or any(same)


def _rank(found: FoundIssue) -> tuple[int, bool, float]:
    return _harm(found), not found.is_own, -found.score


def _harm(found: FoundIssue) -> int:
    return BY_HARM.index(found.issue_type) if found.is_harmful and found.score >= GRAVE else len(BY_HARM)


def _found(text: str, language: str, own: OwnIssues) -> Iterator[FoundIssue]:
    """Each own issue that is likely; of two that rest on one sentence the likelier."""
    told: set[str] = set()
    types = {each.path: each.issue_type for each in own.issues}
    near = {each.name: each for each in nearest(text, language, own) if each.name in types}
    for said in _said(text, language, own):
        if said.name not in near or near[said.name].score < said.score:
            near[said.name] = said
    for each in sorted(near.values(), key=lambda each: -each.score):
        if each.score >= SURE and each.quote not in told:
            told.add(each.quote)
            yield FoundIssue(path=each.name, score=each.score, quote=each.quote, counts_as=types[each.name], near=each.example)


def _said(text: str, language: str, own: OwnIssues) -> Iterator[Match]:
    """The issues of which a phrase is said, and not denied."""
    phrases = _phrases(own)
    if not phrases.said(text):
        return
    for sentence in reading(text, language).sentences:
        for hit in phrases.said(sentence):
            yield Match(name=hit.label, score=OF_PHRASE, quote=sentence, example=hit.words)


@lru_cache(maxsize=4)
def _phrases(own: OwnIssues) -> Lexicon:
    return Lexicon([(each.path, 1.0, list(each.phrases)) for each in own.issues if each.phrases])


def evidence(found: FoundIssue) -> str:
    """The sentence, and of an own issue what it is near to. Only the customer's words are between “ and ”."""
    return f"{quoted(found.quote)} is near ‘{found.near}’" if found.near else quoted(found.quote)
