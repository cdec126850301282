"""Why a rule did what it did, and the smallest single change of the facts that would have turned its verdict.

Every suggestion is tried: the facts are changed as it says, decided anew, and only what turned the verdict is told. For a rule
that fired that is a change after which it does not match; for any other one after which it fires.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from adapters.ticket import Json
from rules.engine.decide import decide
from rules.engine.rule import Rule
from rules.engine.ruleset import RuleSet
from rules.explain.field_paths import Change, change_to, with_change
from rules.language.conditions import GROUPS, Leaf, leaves_of
from rules.language.facts_json import FactsInvalid, facts_from_json
from rules.language.operands import WrongValue, amount, moment, seconds
from rules.language.operators import OPERATORS, UNKNOWN
from rules.language.registry import Field, FieldType
from rules.model.canonical_json import facts_to_json
from rules.model.decision import RuleResult, Step
from rules.model.facts import Facts
from rules.model.view import FactValue, View
from rules.values.text import normal

MOST_TRIED = 400
MOST_TOLD = 10
MOST_OF_A_STEP = 3
SECOND = timedelta(seconds=1)
_AMOUNTS = (FieldType.NUMBER, FieldType.MONEY, FieldType.DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A change that turns the verdict. `step`: the condition it speaks to, by its path in the rule."""

    step: str
    field: str
    change: Change

    def __str__(self) -> str:
        place = ".".join(map(str, self.change.place))
        return f"{place}: {_short(self.change.was)} -> {_short(self.change.to)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """`first`: the first step that does not hold, None where all do. `because`: what kept a rule that matches from firing.
    `needs`: conditions that would all have to change where no single change is enough."""

    result: RuleResult
    first: Step | None
    flips: tuple[Flip, ...]
    needs: tuple[str, ...] = ()


def why(rules: RuleSet, facts: Facts, rule_id: str) -> Why:
    """Raises KeyError where no rule has this id. A rule that is not live yet is asked as if it were."""
    rule = rules.rule(rule_id)
    if rule is None:
        raise KeyError(rule_id)
    rules = rules.as_if_live(rule.stage)
    result = _result(rules, facts, rule_id)
    failing = _failing(rule, result)
    found = tuple(islice(_flips(rules, facts, rule, result), MOST_TOLD))
    needs = () if found or result.matched else tuple(step.path for step in failing)
    return Why(result=result, first=failing[0] if failing else None, flips=found, needs=needs)


def _failing(rule: Rule, result: RuleResult) -> list[Step]:
    """The steps that keep the rule from firing, in their order: its event, conditions, actions that lack a value. A condition
    below a group that holds all the same keeps nobody from anything."""
    settled = [step.path for step in result.steps if step.wanted in GROUPS and step.holds]
    wanted = {leaf.path: is_wanted for leaf, is_wanted in leaves_of(rule.when)}
    return [
        step
        for step in result.steps
        if step.wanted not in GROUPS
        and (step.holds is not wanted.get(step.path, True) or step.why == UNKNOWN.why)
        and not any(step.path.startswith(f"{path}.") or step.path.startswith(f"{path}[") for path in settled)
    ]


def _result(rules: RuleSet, facts: Facts, rule_id: str) -> RuleResult:
    return next(each for each in decide(rules, facts, in_full={rule_id}).rules if each.id == rule_id)


def _flips(rules: RuleSet, facts: Facts, rule: Rule, result: RuleResult) -> Iterator[Flip]:
    tree: Any = facts_to_json(facts)
    seen: set[str] = set()
    found: Counter[str] = Counter()
    for step, field, change in _candidates(facts, tree, rule, result):
        if len(seen) == MOST_TRIED:
            return
        if found[step] == MOST_OF_A_STEP or (told := repr(change)) in seen:
            continue
        seen.add(told)
        if (after := _decided(rules, tree, change, rule.id)) is not None and _is_turned(result, after):
            yield Flip(step=step, field=field, change=change)
            found[step] += 1 if isinstance(change.to, str | list | dict) else MOST_OF_A_STEP  # of numbers the nearest is enough


def _is_turned(before: RuleResult, after: RuleResult) -> bool:
    return not after.matched if before.fired else after.fired


def _decided(rules: RuleSet, tree: Mapping[str, Any], change: Change, rule_id: str) -> RuleResult | None:
    try:
        return _result(rules, facts_from_json(with_change(tree, change)), rule_id)
    except FactsInvalid:  # such a value cannot be
        return None


def _candidates(facts: Facts, tree: Mapping[str, Any], rule: Rule, result: RuleResult) -> Iterator[tuple[str, str, Change]]:
    """What might turn it, the conditions in their order: those of the rule as it is written, then its event."""
    view = View(facts)
    for leaf, is_wanted in leaves_of(rule.when):
        holds = leaf.evaluate(view, []) is True
        if holds is (is_wanted is not result.fired):  # nothing to gain from it
            continue
        for value in _values(leaf, leaf.field.value(view), facts.now, make=not holds):
            if (change := change_to(facts, tree, leaf.field, value)) is not None:
                yield leaf.path, leaf.field.name, _sure(leaf, change)
        for change in _history(leaf, tree, make=not holds):
            yield leaf.path, leaf.field.name, change
    if not rule.on & facts.events:
        for event in sorted(map(str, rule.on)):
            yield "on", "event", Change(("events",), [*sorted(map(str, facts.events))], [event])


def _sure(leaf: Leaf, change: Change) -> Change:
    """A signal as sure as the condition asks for."""
    if change.place[0] != "signals" or not isinstance(change.to, dict) or not leaf.least_score:
        return change
    return Change(change.place, change.was, {**change.to, "score": leaf.least_score})


# values that a field would need


def values_around(leaf: Leaf, at: datetime) -> Iterator[FactValue]:
    """Values at which the condition changes its mind, on both sides."""
    for make in (True, False):
        yield from _values(leaf, None, at, make=make)


def _values(leaf: Leaf, now: FactValue, at: datetime, *, make: bool) -> Iterator[FactValue]:
    """Values with which the condition would hold, or (`make` False) would not; the nearest first."""
    field = leaf.field
    tests = leaf.wanted if isinstance(leaf.wanted, dict) else {"has_any" if field.type is FieldType.SET else "is": leaf.wanted}
    for word, raw in tests.items():
        if word not in OPERATORS or word.startswith("changed"):  # `confidence`, or what a count is about
            continue
        try:
            yield from _of_word(word, raw, field, now, at, make)
        except WrongValue:  # another kind of value in a custom field
            continue
    if leaf.least_score and make and now is not None:
        yield now


def _of_word(word: str, raw: Json, field: Field, now: FactValue, at: datetime, make: bool) -> Iterator[FactValue]:
    if word == "known":
        yield from _known(field, at, is_known=bool(raw) is make)
    elif word == "in_working_time":
        yield from (at + timedelta(hours=hours) for hours in range(7 * 24))
    elif word in ("before", "after", "older_than", "newer_than"):
        yield from _times(word, raw, at, make)
    elif word in ("at_least", "at_most", "over", "under", "between"):
        yield from _amounts(word, raw, field, make)
    elif field.type is FieldType.SET or isinstance(now, frozenset):
        yield from _sets(word, raw, now if isinstance(now, frozenset) else frozenset(), make)
    elif word in ("is", "in"):
        yield from _same(raw, field, make)
    else:
        yield from _texts(word, raw, now if isinstance(now, str) else "", make)


def _each(raw: Json) -> list[Json]:
    return list(raw) if isinstance(raw, list) else [raw]


def _same(raw: Json, field: Field, make: bool) -> Iterator[FactValue]:
    wanted = _each(raw)
    if make:
        yield from (_scalar(each, field) for each in wanted)
    elif field.type is FieldType.BOOL:
        yield wanted[0] is not True
    elif field.choices:
        taken = {normal(str(each)) for each in wanted}
        yield from (each for each in field.choices if each not in taken)
    elif field.type in _AMOUNTS:
        yield from (amount(each, field) + 1 for each in wanted)
    else:
        yield from ("something else", "")


def _scalar(raw: Json, field: Field) -> FactValue:
    if field.type in _AMOUNTS:
        return amount(raw, field)
    return raw if isinstance(raw, str | int | float | bool) else None


def _texts(word: str, raw: Json, now: str, make: bool) -> Iterator[FactValue]:
    phrases = [str(each) for each in _each(raw)]
    if not make:
        yield from (_without(now, phrase) for phrase in phrases)
        yield from ("something else", "")
    elif word == "starts":
        yield from (f"{phrase} {now}".strip() for phrase in phrases)
    else:
        yield from (f"{now} {phrase}".strip() for phrase in phrases)


def _without(text: str, phrase: str) -> str:
    place = text.casefold().find(phrase.casefold())
    return text if place < 0 else f"{text[:place].rstrip()} {text[place + len(phrase) :].lstrip()}".strip()


def _sets(word: str, raw: Json, now: frozenset[str], make: bool) -> Iterator[FactValue]:
    if word == "empty":
        yield frozenset() if bool(raw) is make else now | {"something"}
        return
    members = [str(each) for each in _each(raw)]
    gone = frozenset(each for each in now if normal(each) not in {normal(one) for one in members})
    if (word == "has_none") is make:
        yield gone
    elif word == "has_all":
        yield now | set(members)
    else:
        yield from (now | {each} for each in members)


def _amounts(word: str, raw: Json, field: Field, make: bool) -> Iterator[FactValue]:
    """At the border, and just beyond it on both sides: which of them counts is tried. What has a fraction is a share or money."""
    borders = [amount(each, field) for each in _each(raw)]
    if field.type is FieldType.ORDERED:
        ranks = [int(border) + step for border in borders for step in (0, 1, -1)]
        yield from (field.choices[rank] for rank in ranks if 0 <= rank < len(field.choices))
        return
    for border in borders:
        for step in (0, 1, -1) if float(border).is_integer() else (0, 0.01, -0.01):
            yield round(border + step, 6)  # 0.1 + 0.01 is 0.11, and 2.995 stays 2.995


def _times(word: str, raw: Json, at: datetime, make: bool) -> Iterator[FactValue]:
    if word in ("before", "after"):
        border = moment(raw)
        yield from (border - SECOND, border + SECOND)
    else:
        border = at - timedelta(seconds=seconds(raw))
        yield from (border - SECOND, border + SECOND)


def _known(field: Field, at: datetime, *, is_known: bool) -> Iterator[FactValue]:
    if not is_known:
        yield from ("", None)
    elif field.type is FieldType.TIME:
        yield at
    elif field.choices:
        yield field.choices[-1]
    elif field.type is FieldType.BOOL:
        yield True
    elif field.type in _AMOUNTS:
        yield 1.0
    elif field.type is FieldType.SET:
        yield frozenset({"something"})
    else:
        yield "something"


def _history(leaf: Leaf, tree: Mapping[str, Any], *, make: bool) -> Iterator[Change]:
    """What the field was before and is now, as `changes` keeps it. Custom fields change inside one mapping: not tried."""
    name, tests = leaf.field.name, leaf.wanted if isinstance(leaf.wanted, dict) else {}
    words = [(word, raw) for word, raw in tests.items() if word.startswith("changed")]
    if not words or "." in name:
        return
    before, now = tree.get("changes", {}).get(name), tree.get("ticket", {}).get(name)
    for word, raw in words:
        for pair in _pairs(word, raw, leaf.field, now, make):
            yield Change(("changes", name), before, pair)


def _pairs(word: str, raw: Json, field: Field, now: Json, make: bool) -> Iterable[list[Json]]:
    """Before and after."""
    if not make or (word == "changed" and raw is not True):
        return [[now, now]]
    is_set = field.type is FieldType.SET
    other: Json = next((each for each in field.choices if each not in (now, *_each(raw))), "something else")
    if word == "changed":
        return [[[] if is_set else other, now if now is not None else other]] if now != [] else [[[other], []]]
    pairs: list[tuple[Json, Json]] = [([one] if is_set else one, [] if is_set else other) for one in _each(raw)]
    return [[first, second] if word == "changed_from" else [second, first] for first, second in pairs]


def _short(value: Json) -> str:
    if isinstance(value, dict) and "value" in value:  # a signal
        sure = value.get("score", 1)
        return _short(value["value"]) + (f" ({sure})" if sure != 1 else "")
    text = "(nothing)" if value in (None, "", []) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
