"""Everything that a ticket is about, the gravest first: each with its likelihood and the sentence that tells of it.

A single label hides the worst part of a ticket, so several issues are kept. Between those that are likely, harm decides and
not how many words it takes: a leak in a subordinate clause comes before the invoice that the rest is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bot.senses.ticket_reading import TicketReading, issue_likelihoods, path_likelihoods, reading

# By harm. What is behind `outage` waits for the likeliest: nobody is paged for a question on an invoice.
BY_HARM = ("security", "data_loss", "outage")
HARMLESS = frozenset(  # of a grave type, and no harm: a question, a plan, a report that somebody else writes lies
    {"security.question.compliance", "outage.planned.maintenance", "security.message.phishing"}
)
GRAVE = 0.5  # from here a grave issue comes first, whatever else is likelier
ALSO = 0.45  # from here an issue is one of several
FINE = 0.12  # likelihood from which a path is told, and not only its type


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundIssue:
    """`path` is as fine as the words are clear. `score` is 0 to 1. Of a team's own issue (bot/senses/own_issues.py): `counts_as`,
    the shipped type, and `near`, the example or phrase that it was told by."""

    path: str
    score: float
    quote: str
    counts_as: str = ""
    near: str = ""

    @property
    def is_own(self) -> bool:
        return bool(self.counts_as)

    @property
    def issue_type(self) -> str:
        return self.counts_as or self.path.partition(".")[0]

    @property
    def is_harmful(self) -> bool:
        """Of a kind that harms by itself, and no mere question about it."""
        return self.issue_type in BY_HARM and self.path not in HARMLESS


@lru_cache(maxsize=16)
def found_issues(text: str, language: str = "") -> tuple[FoundIssue, ...]:
    """The issues of a text, the gravest of the likely ones first; none where nothing tells of any."""
    found = reading(text, language)
    if found.is_empty:
        return ()
    likely = issue_likelihoods(found)
    ranked = sorted(likely, key=lambda each: -likely[each])
    kept = [each for each in ranked if likely[each] >= ALSO] or ranked[:1]
    made = [_found(found, each, likely) for each in kept]
    return tuple(sorted(made, key=_harm))


def _harm(found: FoundIssue) -> tuple[int, float]:
    is_grave = found.is_harmful and found.score >= GRAVE
    return (BY_HARM.index(found.issue_type) if is_grave else len(BY_HARM), -found.score)


def _found(found: TicketReading, issue_type: str, likely: Mapping[str, float]) -> FoundIssue:
    paths = path_likelihoods(found, issue_type)
    path, value = max(paths.items(), key=lambda each: each[1])
    at = max(range(len(found.each)), key=lambda place: (found.each[place]["issue"][path], -place))
    return FoundIssue(path=path if value >= FINE else issue_type, score=round(likely[issue_type], 2), quote=found.sentences[at])
