"""is_diagnosable, questions_to_ask: does the ticket say enough to begin to look for the cause, and what has to be asked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import re2

from adapters.ticket import Ticket
from bot.senses.detectors import issue
from bot.senses.lexicon import Lexicon, tree
from rules.model.facts import Signal
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

FEW_WORDS = 10  # with less, and nothing of what has to be known, nobody knows where to look
MOST_ASKED = 3  # at once: nobody answers a questionnaire
MANY_WORDS = 60  # whoever writes as much has told it, in whatever words
_FIGURES = re2.compile(r"\d|[\"«»“”„「『]|https?://")
_UNSPACED = re2.compile(r"[\x{0e00}-\x{0e7f}\x{3040}-\x{30ff}\x{3400}-\x{9fff}]")


def detect(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> Signal:
    """False for a report that is too short and tells nothing; true for one that can be worked on; unknown for what is none."""
    kind = str(issue.detect_type(ticket, text, own).value)
    wanted = _questions(kind)
    if not wanted:
        return Signal(value=None, score=0.0, why=f"{kind} needs no diagnosis")
    open_ones = list(_open(ticket, text, kind))
    words = _length(_body(ticket, text))
    enough = words >= FEW_WORDS or len(open_ones) < len(wanted)
    why = f"{words} words, {len(wanted) - len(open_ones)} of {len(wanted)} things told"
    return Signal(value=enough, score=0.6 if enough else 0.7, why=why)


def detect_questions(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> Signal:
    """What is not told yet; empty where everything is, where much is, or where nothing has to be known."""
    kind = str(issue.detect_type(ticket, text, own).value)
    open_ones = tuple(_open(ticket, text, kind)) if _length(_body(ticket, text)) < MANY_WORDS else ()
    why = f"for {kind}: {len(open_ones)} of {len(_questions(kind))} things are not told"
    return Signal(value=open_ones[:MOST_ASKED], score=0.6, why=why)


def _open(ticket: Ticket, text: str, kind: str) -> Iterator[str]:
    has_files = any(message.attachments for message in ticket.customer_messages)
    for question, by_figures, told in _questions(kind):
        if by_figures and (has_files or _FIGURES.search(_body(ticket, text))):
            continue
        if not told.find(text):
            yield question


def _body(ticket: Ticket, text: str) -> str:
    return text.removeprefix(ticket.subject).strip() or text


def _length(text: str) -> int:
    """In words; two letters of a script without spaces are about one."""
    return len(text.split()) + sum(1 for _ in _UNSPACED.finditer(text)) // 2


@lru_cache(maxsize=16)
def _questions(kind: str) -> tuple[tuple[str, bool, Lexicon], ...]:
    rows = tree("questions").get(kind, ())
    return tuple(
        (row["ask"], bool(row.get("figures")), Lexicon([("told", 1.0, [*row.get("unless", ()), "\u0000"])])) for row in rows
    )
