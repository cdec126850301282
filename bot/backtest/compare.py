"""What other rules would have written on tickets of the past: decided twice, compared, nothing called or kept.

A history is a stream of `Past`: facts as a run or an import saw them. Looks at one ticket stand together in the order of time, so
that its rules remember what they did, and so that the next look shows what an agent chose later. A history may be of any length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.ticket import Ticket
from bot.senses import own_signals
from bot.writes.summary import Writes, writes_of
from rules.engine.decide import NO_RULE, decide
from rules.engine.ruleset import RuleSet
from rules.files.problems import number_of
from rules.model.decision import Decision
from rules.model.facts import Facts, Signal

MOST_SHOWN = 100  # tickets of a rule; how many there are is counted for all
_BY_PEOPLE = ("priority", "status", "team", "assignee")


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A ticket at one moment. `later`: the same ticket as people left it, where that is known."""

    facts: Facts
    later: Ticket | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is different about one ticket because of one rule. `undoes`: (what, wanted, what an agent chose later)."""

    ticket: str
    url: str
    day: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    undoes: tuple[str, ...] = ()

    @property
    def kinds(self) -> list[str]:
        return [name for name in ("added", "removed", "changed", "undoes") if getattr(self, name)]


@dataclass(slots=True)
class OfRule:
    """`fired`: on how many looks, by the rules of before and by the new ones. `counts`: tickets that differ, by kind."""

    fired: list[int] = field(default_factory=lambda: [0, 0])
    counts: Counter[str] = field(default_factory=Counter)
    shown: list[Shown] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """`days`: per day of the history how many looks, and how many writes before and now."""

    looks: int = 0
    days: dict[str, list[int]] = field(default_factory=dict)
    rules: dict[str, OfRule] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The same for the same history and rules, byte for byte."""
        days = {
            day: {"looks": looks, "before": before, "after": after} for day, (looks, before, after) in sorted(self.days.items())
        }
        return {"looks": self.looks, "days": days, "rules": {name: _rule_json(each) for name, each in sorted(self.rules.items())}}

    def lines(self) -> Iterator[str]:
        """For a person: a line a rule that differs, then the volume."""
        for name, each in sorted(self.rules.items()):
            if each.counts:
                told = ", ".join(number_of(each.counts[kind], *words) for kind, words in _WORDS.items() if each.counts[kind])
                yield f"{name}: {told}; fired {number_of(each.fired[0], 'time')} before, {each.fired[1]} now"
        before, after = (sum(day[place] for day in self.days.values()) for place in (1, 2))
        days = max(1, len(self.days))
        volume = f"{before / days:.1f} writes a day before, {after / days:.1f} now"
        yield f"{number_of(self.looks, 'look')} on {number_of(days, 'day')}: {volume}"


_WORDS = {
    "added": ("ticket with more writes", "tickets with more writes"),
    "removed": ("with fewer", "with fewer"),
    "changed": ("with others", "with others"),
    "undoes": ("where an agent chose otherwise later",) * 2,
}


def _rule_json(found: OfRule) -> dict[str, Any]:
    shown = [
        {"ticket": each.ticket, "url": each.url, "day": each.day, **{kind: list(getattr(each, kind)) for kind in each.kinds}}
        for each in found.shown
    ]
    counts = {kind: found.counts[kind] for kind in _WORDS}
    return {"fired": {"before": found.fired[0], "after": found.fired[1]}, **counts, "tickets": shown}


def compare(history: Iterable[Past], before: RuleSet, after: RuleSet) -> Report:
    """The difference that `after` makes against `before`."""
    report = Report()
    for looks in _by_ticket(history):
        old, new = _decisions(before, looks), _decisions(after, looks)
        for number, past in enumerate(looks):
            later = past.later or (looks[number + 1].facts.ticket if number + 1 < len(looks) else None)
            _count(report, past.facts, later, old[number], new[number])
    return report


def _by_ticket(history: Iterable[Past]) -> Iterator[list[Past]]:
    """Looks at one ticket that follow each other."""
    looks: list[Past] = []
    for past in history:
        if looks and not (past.facts.ticket.external_id and past.facts.ticket.key == looks[-1].facts.ticket.key):
            yield looks
            looks = []
        looks.append(past)
    if looks:
        yield looks


def _decisions(rules: RuleSet, looks: list[Past]) -> list[Decision]:
    """The rules' decisions look by look, each remembering the ones before."""
    made: list[Decision] = []
    for past in looks:
        state = made[-1].state if made else {}
        facts = replace(past.facts, state=state, is_first_sight=not made, signals=_signals(rules, past.facts))
        made.append(decide(rules, facts, in_full=NO_RULE))
    return made


def _signals(rules: RuleSet, facts: Facts) -> Mapping[str, Signal]:
    """As these rules would have had them: what they add to the issues counts for tickets of the past too. Signals that were
    written by hand stay."""
    if not rules.own_issues or not facts.signals.keys() >= {"issue", "issues", "issue_type"}:
        return facts.signals
    return {**facts.signals, **own_signals(facts.ticket, facts.now, rules.own_issues)}


def _count(report: Report, facts: Facts, later: Ticket | None, old: Decision, new: Decision) -> None:
    before, after = writes_of(facts.ticket, old), writes_of(facts.ticket, new)
    report.looks += 1
    day = report.days.setdefault(facts.now.date().isoformat(), [0, 0, 0])
    for place, count in enumerate((1, len(before), len(after))):
        day[place] += count
    for place, decision in enumerate((old, new)):
        for result in decision.rules:
            if result.fired:
                report.rules.setdefault(result.id, OfRule()).fired[place] += 1
    for rule, shown in _differences(facts, later, before, after):
        found = report.rules.setdefault(rule, OfRule())
        found.counts.update(shown.kinds)
        if len(found.shown) < MOST_SHOWN:
            found.shown.append(shown)


def _differences(facts: Facts, later: Ticket | None, before: Writes, after: Writes) -> Iterator[tuple[str, Shown]]:
    found: dict[str, dict[str, list[str]]] = {}

    def note(rules: Iterable[str], kind: str, words: str) -> None:
        for rule in rules:
            found.setdefault(rule, {}).setdefault(kind, []).append(words)

    for what, (value, rules) in sorted(after.items()):
        if what not in before:
            note(rules, "added", f"{what}: {value}")
        elif before[what][0] != value:
            note(rules, "changed", f"{what}: {before[what][0]} -> {value}")
        else:
            continue
        if (chosen := _chosen_later(what, value, facts.ticket, later, before)) is not None:
            note(rules, "undoes", f"{what}: {value}, an agent chose {chosen or 'none'}")
    for what, (value, rules) in sorted(before.items()):
        if what not in after:
            note(rules, "removed", f"{what}: {value}")
    ticket = facts.ticket
    for rule, kinds in sorted(found.items()):
        named = str(ticket.key) if ticket.external_id else ticket.subject[:80]
        told = {kind: tuple(words) for kind, words in kinds.items()}
        yield rule, Shown(ticket=named, url=ticket.url, day=facts.now.date().isoformat(), **told)


def _chosen_later(what: str, value: str, ticket: Ticket, later: Ticket | None, before: Writes) -> str | None:
    """What a person made of this field afterwards: neither what we would have set, nor what stood there, nor our own doing."""
    if later is None or what not in _BY_PEOPLE:
        return None
    chosen = _value(later, what)
    ours = before[what][0] if what in before else None
    return chosen if chosen not in (value, _value(ticket, what), ours) else None


def _value(ticket: Ticket, what: str) -> str:
    match what:
        case "team":
            return ticket.team.name if ticket.team else ""
        case "assignee":
            return (ticket.assignee.email or ticket.assignee.name) if ticket.assignee else ""
        case _:
            return str(getattr(ticket, what))
