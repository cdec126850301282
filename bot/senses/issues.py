"""Everything that a ticket is about, the gravest first: each with its likelihood and the sentence that tells of it.

A single label hides the worst part of a ticket, so several issues are kept. Between those that are likely, harm decides and
not how many words it takes: a leak in a subordinate clause comes before the invoice that the rest is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.senses.learned.answers import HARM, ISSUES
from bot.senses.learned.classifier import Likelihoods
from bot.senses.ticket_reading import TicketReading, issue_likelihoods, path_likelihoods, reading

# By harm. What is behind `outage` waits for the likeliest: nobody is paged for a question on an invoice.
BY_HARM = HARM
HARMLESS = frozenset(  # of a grave type, and no harm: a question, a plan, a report that somebody else writes lies
    {"security.question.compliance", "outage.planned.maintenance", "security.message.phishing"}
)
_HARM_PATHS = {name: tuple(path for path in ISSUES if path.startswith(f"{name}.") and path not in HARMLESS) for name in BY_HARM}
PRAISE, COMPLAINT = "other.feedback.praise", "other.feedback.complaint"  # alike in words, and told apart by the tone
PLEASED = 0.4  # likelihood of a satisfied tone below which nobody praises
GRAVE = 0.54  # from here a grave issue comes first, whatever else is likelier
OF_GRAVE_SENTENCE = 0.95  # how much of its likelihood in its own sentence counts
HARMLESS_SAID = 0.7  # likelihood that a sentence calls its matter harmless from which it is no harm
ALSO = 0.5  # from here an issue is one of several
NAMED = 0.4  # below this a harm is a mere guess, and nothing is said of it
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
    likely = types_with_grave_sentences(found)
    ranked = sorted(likely, key=lambda each: -likely[each])
    first, *others = [_found(found, each, likely) for each in ranked if likely[each] >= ALSO] or [
        _found(found, ranked[0], likely)
    ]
    made = [first, *(each for each in others if _is_harm(each) or _has_its_own_sentence(found, each))]
    named = [each for each in made if not each.is_harmful or each.score >= NAMED] or _first_harmless(found, ranked, likely)
    return tuple(sorted(named, key=_harm))


def _first_harmless(found: TicketReading, ranked: Sequence[str], likely: Mapping[str, float]) -> list[FoundIssue]:
    """What is likeliest beside a harm that is a mere guess."""
    others = (_found(found, each, likely) for each in ranked)
    return [next(each for each in others if not each.is_harmful)]


def told_harm(text: str, language: str = "") -> FoundIssue | None:
    """The harm that a text is read as, where it is sure enough to come before all else."""
    first = next(iter(found_issues(text, language)), None)
    return first if first is not None and _is_harm(first) else None


@lru_cache(maxsize=16)
def types_with_grave_sentences(found: TicketReading) -> dict[str, float]:
    """Each issue type's likelihood: one sentence that tells of harm stands, however much of the rest is about something else;
    what its own sentence calls harmless ("a test record, on purpose") is none."""
    return {
        name: _harm_weighed(found, name, value) if name in BY_HARM else value for name, value in issue_likelihoods(found).items()
    }


def _harm_weighed(found: TicketReading, name: str, value: float) -> float:
    said, telling = max(((_harm_in(each, name), each) for each in found.each), key=lambda each: each[0])
    harmless = telling["circumstance"]["harmless"]
    return value * (1 - harmless) if harmless >= HARMLESS_SAID else max(value, OF_GRAVE_SENTENCE * said)


def _harm_in(likely: Likelihoods, issue_type: str) -> float:
    paths = likely["issue"]
    return sum(paths[path] for path in _HARM_PATHS[issue_type])


def _is_harm(found: FoundIssue) -> bool:
    return found.is_harmful and found.score >= GRAVE


def _has_its_own_sentence(found: TicketReading, issue: FoundIssue) -> bool:
    """Whether a sentence tells of it more than of anything else: one that may be either of two is no ticket about both."""
    return any(max(told, key=lambda name: told[name]) == issue.issue_type for told in found.types if told)


def _harm(found: FoundIssue) -> tuple[int, float]:
    """What harms first, the gravest of it at the head; then a request about personal data, then what is likelier."""
    if _is_harm(found):
        return (BY_HARM.index(found.issue_type), -found.score)
    has_deadline = found.issue_type == "privacy" and found.score >= GRAVE  # a law's, whatever else is asked
    return (len(BY_HARM) if has_deadline else len(BY_HARM) + 1, -found.score)


def _found(found: TicketReading, issue_type: str, likely: Mapping[str, float]) -> FoundIssue:
    paths = path_likelihoods(found, issue_type)
    path, value = max(paths.items(), key=lambda each: each[1])
    mood = found.whole["mood"]
    if path == PRAISE and mood["satisfied"] < max(PLEASED, mood["angry"] + mood["frustrated"]):
        path = COMPLAINT
    at = max(range(len(found.each)), key=lambda place: (found.each[place]["issue"][path], -place))
    return FoundIssue(path=path if value >= FINE else issue_type, score=round(likely[issue_type], 2), quote=found.sentences[at])
