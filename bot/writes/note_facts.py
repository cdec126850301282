"""What a note says of its ticket in facts: who writes, what was understood and how surely, and what raised the priority. Pure.

No titles of rules stand in a note: a rule is told by the facts that its conditions found. `deskhand why` and `runs` name rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from adapters.ticket import Json
from rules.language.opinion_fields import FAMILY
from rules.model.decision import Decision, RuleResult, Step
from rules.model.facts import Facts, Signal
from rules.values.durations import show_duration

MOST_REASONS = 3  # of a priority: the rules that raised it last
MOST_ADDED = 3  # of what a model adds
RENEWS_SOON = timedelta(days=90)  # a renewal further off tells an agent nothing
_PLACE = re.compile(r"^when|\.?\b(?:all|any)(?:\[\d+\])?|^\.|\.$")
_NOT_HELD = re.compile(r"\bnot\b")


def customer(facts: Facts) -> str:
    """`Northwind, enterprise, ARR 120,000, renews in 20 days`; "" where nothing is known."""
    company = facts.company
    known = [company.name, company.tier or "", f"ARR {company.arr:,.15g}" if company.arr else ""]
    known += ["premium support" if company.is_premium else "", _renewal(facts)]
    return ", ".join(filter(None, known))


def understood(facts: Facts) -> tuple[str, ...]:
    """Signals that say something, each with its score (`issue billing.charge.double 0.95`), and what a model adds."""
    signals = facts.signals
    return tuple(filter(None, (_issue(signals), _double(signals), *_moods(signals), _of_model(signals))))


def used(facts: Facts, decision: Decision) -> tuple[str, ...]:
    """What else the rules that fired rest on: `3 tickets by this person in 30 days`, `health 39`."""
    fired = [rule for rule in decision.rules if rule.fired]
    found = (_in_words(name, step, facts) for rule in fired for name, step in _held(rule) if name in _BESIDE)
    return tuple(dict.fromkeys(filter(None, found)))


def of_priority(facts: Facts, decision: Decision) -> tuple[str, ...]:
    """What set or raised the priority, the last first: `MRR 10,000`, `enterprise`, `p3`."""
    rules = {rule.id: rule for rule in decision.rules}
    behind = (rules[each] for each in decision.priority_from if each in rules)
    found = [_in_words(name, step, facts) for rule in behind for name, step in _held(rule)]
    return tuple(dict.fromkeys(filter(None, reversed(found))))[:MOST_REASONS]


def _renewal(facts: Facts) -> str:
    at = facts.company.renewal_at
    if at is None or at - facts.now > RENEWS_SOON:
        return ""
    left_s = (at - facts.now).total_seconds()
    return f"renews in {show_duration(left_s)}" if left_s > 0 else f"renewal was {at.date().isoformat()}"


def _issue(signals: Mapping[str, Signal]) -> str:
    found = signals.get("issue") or signals.get("issue_type")
    severity = signals.get("severity")
    level = f", {severity.value}" if severity and severity.value else ""
    if found is None or found.value in (None, ""):
        return ""
    return "issue not recognised" if found.value == "other" else f"issue {found.value} {found.score:.2f}{level}"


def _double(signals: Mapping[str, Signal]) -> str:
    """`sounds like #4711 0.95`, of the same person unless it says `(same company)`."""
    found = signals.get("duplicate_of")
    if found is None or not found.value:
        return ""
    return f"sounds like #{found.value} {found.score:.2f}" + (" (same company)" if found.why.endswith("company") else "")


def _moods(signals: Mapping[str, Signal]) -> Iterator[str]:
    for name, words in _SIGNALS.items():
        found = signals.get(name)
        if found is None or not found.value or found.value in _SILENT:
            continue
        yield f"{words.format(found.value)} {found.score:.2f}"


def _of_model(signals: Mapping[str, Signal]) -> str:
    """`model your-model adds data_loss.missing.disappeared, p2`: words of closed lists alone."""
    added: list[str] = []
    source = ""
    for name in _ADDED:
        found, known = signals.get(f"{FAMILY}{name}"), signals.get(name)
        if found is None or not found.source:
            continue
        source = found.source
        have = known.value if known and isinstance(known.value, tuple) else ()
        values = found.value if isinstance(found.value, tuple) else (found.value,)
        added += [str(value) for value in values if value not in have]
    return f"{source} adds {', '.join(added[:MOST_ADDED])}" if added else ""


_ADDED = ("issues", "severity", "wishes", "sentiment")
_SILENT = ("neutral", "satisfied", "none", "low", "medium")
_SIGNALS = {
    "sentiment": "{}",
    "asks_for_management": "asks for a manager",
    "wants_cancel": "wants to cancel",
    "churn_level": "churn risk {}",
    "legal_words": "legal words",
}


def _held(rule: RuleResult) -> Iterator[tuple[str, Step]]:
    """The fields that its conditions asked for and that hold. What is behind a `not` is no fact of the ticket."""
    for step in rule.steps:
        if step.holds and not _NOT_HELD.search(step.path):
            name = _PLACE.sub("", step.path).strip(".")
            if name:
                yield name, step


def _in_words(name: str, step: Step, facts: Facts) -> str:
    if name == "company.renewal_in":
        return _renewal(facts)
    if name == "created_at" and facts.ticket.created_at:
        return f"open for {show_duration((facts.now - facts.ticket.created_at).total_seconds())}"
    if name == "frustration" and _is_upset(facts):
        return ""
    words, found = _WORDS.get(name), step.found
    if words is None or found in (None, False, "", []):
        return ""
    return words.format(_shown(found), **_window(step.wanted)).strip()


def _is_upset(facts: Facts) -> bool:
    """Then the mood itself says it."""
    sentiment = facts.signals.get("sentiment")
    return sentiment is not None and sentiment.value in ("angry", "frustrated")


def _shown(found: Json) -> str:
    if isinstance(found, int | float) and not isinstance(found, bool):
        return f"{found:,.15g}"
    return str(found).replace("_", " ")


def _window(wanted: Json) -> dict[str, str]:
    options = wanted if isinstance(wanted, Mapping) else {}
    return {
        "last": f" in {options['last']}" if "last" in options else "",
        "same": " on the same issue" if options.get("same_issue") else "",
    }


# Condition -> what it found, in words. Where a step names neither, it says nothing of the ticket (is_spam, status, texts).
_WORDS = {
    "severity": "{}",
    "issue_type": "{}",
    "sentiment": "{}",
    "frustration": "frustration {}",
    "churn_level": "churn risk {}",
    "wants_cancel": "wants to cancel",
    "asks_for_management": "asks for a manager",
    "legal_words": "legal words",
    "company.tier": "{}",
    "company.arr": "ARR {}",
    "company.mrr": "MRR {}",
    "company.health": "health {}",
    "company.nps": "NPS {}",
    "company.is_premium": "premium support",
    "company.is_strategic": "a strategic account",
    "requester.is_vip": "flagged as VIP",
    "requester.title": "{}",
    "rating": "rated {} of 5",
    "reopen_count": "opened again {} times",
    "clocks.state": "response time {}",
    "tickets_by_requester": "{} tickets by this person{last}{same}",
    "tickets_by_company": "{} tickets by this company{last}{same}",
    "companies_with_same_issue": "{} companies with the same issue{last}",
}
_BESIDE = frozenset(
    (
        "requester.title",
        "requester.is_vip",
        "company.health",
        "company.nps",
        "company.is_strategic",
        "rating",
        "reopen_count",
        "created_at",
        "clocks.state",
        "tickets_by_requester",
        "tickets_by_company",
        "companies_with_same_issue",
    )
)


def facts_of(facts: Facts, decision: Decision) -> tuple[str, ...]:
    """Everything that stands under "Why", in its order."""
    parts: Iterable[str] = (customer(facts), *understood(facts), *used(facts, decision))
    return tuple(filter(None, parts))
