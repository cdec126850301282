"""Counts over history: what a rule may ask about earlier tickets, and the stable names that the answers have in the facts.

    tickets_by_requester: {last: 30 days, same_issue: true, at_least: 3}

No rule asks anything while it runs. A rule set says at load which counts its rules need (`RuleSet.counts`); whoever gathers the
facts counts exactly those and puts them there whole: `counts: {tickets_by_requester.30d.same_issue: 3}`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from adapters.ticket import Json
from rules.files.problems import suggest
from rules.values.durations import parse_duration

FAMILY = "counts."
LONGEST = timedelta(days=366)
_UNITS_S = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))


class CountKind(StrEnum):
    """What is counted; the word is the condition's."""

    TICKETS_BY_REQUESTER = "tickets_by_requester"
    TICKETS_BY_COMPANY = "tickets_by_company"
    COMPANIES_WITH_SAME_ISSUE = "companies_with_same_issue"


MEANINGS: Mapping[CountKind, str] = {
    CountKind.TICKETS_BY_REQUESTER: "tickets of the person who asks, this one included",
    CountKind.TICKETS_BY_COMPANY: "tickets of the person's company, this one included",
    CountKind.COMPANIES_WITH_SAME_ISSUE: "companies with tickets about the same as this one, this one's company included",
}
EXAMPLES: Mapping[CountKind, Json] = {
    CountKind.TICKETS_BY_REQUESTER: {"last": "30 days", "same_issue": True, "at_least": 3},
    CountKind.TICKETS_BY_COMPANY: {"last": "7 days", "open": True, "at_least": 5},
    CountKind.COMPANIES_WITH_SAME_ISSUE: {"last": "24 h", "at_least": 3},
}
OPTIONS: Mapping[str, str] = {
    "last": "only tickets that were opened so long ago at most, 366 days at most; may be left out beside `open`",
    "same_issue": "true: only tickets about the same as this one; unknown where this one's issue is not known",
    "open": "true: only tickets that are neither solved nor closed",
}


class WrongCount(Exception):
    """The message says what to write instead; `option` is where, "" for the whole."""

    def __init__(self, message: str, option: str = "") -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One question. `last_s`: how far back tickets were opened, in seconds; 0 for all that is kept."""

    kind: CountKind
    last_s: int = 0
    same_issue: bool = False
    open: bool = False

    @property
    def name(self) -> str:
        """One name for one question, however it was written: `tickets_by_company.7d.open`."""
        is_told = self.same_issue and self.kind is not CountKind.COMPANIES_WITH_SAME_ISSUE
        words = [self.kind.value, _short(self.last_s), "same_issue" if is_told else "", "open" if self.open else ""]
        return ".".join(filter(None, words))


SIMILAR_OPEN = "similar_open"  # counted by what tickets mean (bot/facts/similar_tickets.py), not by a question below
# The names from before counts could be asked for freely.
NAMED: Mapping[str, Count | None] = {
    "requester_tickets_30d": Count(kind=CountKind.TICKETS_BY_REQUESTER, last_s=30 * 86_400),
    "requester_same_issue": Count(kind=CountKind.TICKETS_BY_REQUESTER, same_issue=True),
    "company_tickets_30d": Count(kind=CountKind.TICKETS_BY_COMPANY, last_s=30 * 86_400),
    "company_open": Count(kind=CountKind.TICKETS_BY_COMPANY, open=True),
    "accounts_same_issue_24h": Count(kind=CountKind.COMPANIES_WITH_SAME_ISSUE, last_s=86_400, same_issue=True),
    SIMILAR_OPEN: None,
}


def options_of(kind: CountKind) -> tuple[str, ...]:
    """The options that may stand beside the operators."""
    return tuple(name for name in OPTIONS if name != "same_issue" or kind is not CountKind.COMPANIES_WITH_SAME_ISSUE)


def read_count(kind: CountKind, options: Mapping[str, Json]) -> Count:
    """The question that a condition asks. Raises WrongCount."""
    for name in options:
        if name not in options_of(kind):
            raise WrongCount(f"{name}: no such option of {kind}{suggest(name, options_of(kind))}", name)
    for name in ("same_issue", "open"):
        if name in options and options[name] is not True:
            raise WrongCount(f"{name}: write `{name}: true`, or leave it out", name)
    if "last" not in options and "open" not in options:
        raise WrongCount("wanted how far to look back, such as `last: 30 days`")
    is_same = kind is CountKind.COMPANIES_WITH_SAME_ISSUE or "same_issue" in options
    last_s = _seconds(options["last"]) if "last" in options else 0
    return Count(kind=kind, last_s=last_s, same_issue=is_same, open="open" in options)


def count_named(name: str) -> Count | None:
    """The question behind a name in the facts, in whatever unit its duration is; None where there is none."""
    if name in NAMED:
        return NAMED[name]
    word, *parts = name.split(".")
    if word not in list(CountKind) or len(set(parts)) < len(parts):
        return None
    durations = [part for part in parts if part not in OPTIONS]
    options: dict[str, Json] = {part: True for part in parts if part in OPTIONS and part != "last"}
    if len(durations) > 1 or len(options) + len(durations) < len(parts):
        return None
    try:
        return read_count(CountKind(word), {**options, **({"last": durations[0]} if durations else {})})
    except WrongCount:
        return None


def canonical_name(name: str) -> str:
    """The name as facts keep it: `tickets_by_company.1 week` is `tickets_by_company.7d`. Unknown ones stay as they are."""
    found = None if name in NAMED else count_named(name)
    return found.name if found else name


def _seconds(raw: Json) -> int:
    try:
        found = parse_duration(raw) if isinstance(raw, str) else None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise WrongCount("last: wanted a duration such as `24 h` or `30 days`", "last")
    if not timedelta(seconds=1) <= found <= LONGEST:
        raise WrongCount(f"last: wanted a second or more, and at most {LONGEST.days} days", "last")
    return int(found.total_seconds())


def _short(seconds: int) -> str:
    """In the largest unit of which there are two, or that fits: `30d`, `24h`, `90min`; "" for no limit."""
    if not seconds:
        return ""
    fitting = [(unit, size) for unit, size in _UNITS_S if seconds % size == 0]
    unit, size = next(((unit, size) for unit, size in fitting if seconds >= 2 * size), fitting[-1])
    return f"{seconds // size}{unit}"
