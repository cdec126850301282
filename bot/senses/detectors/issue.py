"""issue, issue_type, issues: what the ticket is about (docs/issues.md), the gravest first; as fine as its words are clear.

A conversation keeps its issue through short answers. Advertisement has no issue.
"""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.conversation import issues_of
from bot.senses.detectors.spam_words import verdict
from bot.senses.issues import FoundIssue
from bot.senses.own_issues import evidence
from rules.model.facts import Signal
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues
from rules.values.taxonomy import TYPES

KNOWN = 0.2  # below this nothing tells what it is about
UNKNOWN = Signal(value="other", score=0.3, why="nothing tells what it is about")


def detect(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> Signal:
    """The gravest issue as a path: `billing.invoice.wrong_amount`, or as much of it as is clear."""
    if is_advertisement(ticket, text):
        return Signal(value="spam", score=0.8, why="reads like advertisement or fraud")
    found, earlier = _first(ticket, text, own)
    return Signal(value=found.path, score=found.score, why=_why(found, earlier)) if found else UNKNOWN


def detect_type(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> Signal:
    """Its first level; of a team's own issue the type that it counts as."""
    if is_advertisement(ticket, text):
        return detect(ticket, text)
    found, earlier = _first(ticket, text, own)
    return Signal(value=found.issue_type, score=found.score, why=_why(found, earlier)) if found else UNKNOWN


def detect_all(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> Signal:
    """All issues, the gravest first; empty where nothing tells of any."""
    if is_advertisement(ticket, text):
        return Signal(value=(), score=0.8, why="reads like advertisement or fraud")
    _, issues, is_earlier = issues_of(ticket, text, own)
    kept = [each for each in issues if each.score >= KNOWN]
    told = ", ".join(f"{each.path} {evidence(each)}" for each in kept)
    why = f"said earlier: {told}" if is_earlier else told
    paths = dict.fromkeys(path for each in kept for path in _paths(each))
    return Signal(value=tuple(paths), score=kept[0].score if kept else 0.3, why=why or UNKNOWN.why)


def _paths(found: FoundIssue) -> tuple[str, ...]:
    """Rules that ask for a type find a team's own issue of it too."""
    return (found.path,) if found.path.partition(".")[0] in TYPES else (found.path, found.issue_type)


def is_advertisement(ticket: Ticket, text: str) -> bool:
    return verdict(ticket, text).is_spam


def _first(ticket: Ticket, text: str, own: OwnIssues) -> tuple[FoundIssue | None, bool]:
    _, issues, is_earlier = issues_of(ticket, text, own)
    return (issues[0], is_earlier) if issues and issues[0].score >= KNOWN else (None, False)


def _why(found: FoundIssue, is_earlier: bool) -> str:
    return f"said earlier: {evidence(found)}" if is_earlier else evidence(found)
