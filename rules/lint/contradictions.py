"""Conditions that can never hold, or always do: `all` of `priority: high` and `priority: low`, `any` of a thing and its opposite.

Decided field by field: every value at which one of the conditions changes its mind is tried on all of them. Only what follows
from one field's conditions alone is found, and only for kinds of fields whose values can be tried out: no warning is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise

from rules.engine.rule import Rule, RuleFile
from rules.explain.counterfactuals import values_around
from rules.files.problems import Problem, Severity
from rules.language.conditions import Condition, Group, Leaf, Not
from rules.language.facts_json import facts_from_json
from rules.language.registry import FieldType
from rules.model.facts import Facts
from rules.model.view import FactValue, View

_CLOSED = (
    FieldType.CHOICE,
    FieldType.PATH,
    FieldType.ORDERED,
    FieldType.BOOL,
    FieldType.NUMBER,
    FieldType.MONEY,
    FieldType.DURATION,
)
_AT = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
Wanted = tuple[Leaf, bool]  # a condition, and whether it is to hold (below `not` it is not)


def contradictions(file: RuleFile) -> Iterator[Problem]:
    """A warning for each place where conditions on one field exclude each other, or leave nothing out."""
    for rule in file.rules:
        for path, is_any, parts in _groups(rule.when):
            for leaves in _by_field(parts):
                if _settled(leaves, is_any):
                    yield _problem(file, rule, path, is_any, leaves)


def _problem(file: RuleFile, rule: Rule, path: str, is_any: bool, leaves: list[Wanted]) -> Problem:
    what = "always holds" if is_any else "can never hold"
    places = ", ".join(leaf.path for leaf, _ in leaves)
    message = f"{rule.id}: {path or 'when'} {what}: its conditions on {leaves[0][0].field.name} " + (
        "leave nothing out" if is_any else "exclude each other"
    )
    return Problem(
        file=file.name, line=rule.line, column=5, path=places, message=message, hint=f"see {places}", severity=Severity.WARNING
    )


def _groups(condition: Condition | None, is_wanted: bool = True) -> Iterator[tuple[str, bool, list[Wanted]]]:
    """Every `all` and `any` with the conditions that stand in it, groups of the same kind inside it included. Below `not` an
    `all` is an `any` of opposites."""
    if isinstance(condition, Not):
        yield from _groups(condition.part, not is_wanted)
    elif isinstance(condition, Group):
        is_any = condition.is_any is is_wanted
        yield condition.path, is_any, list(_members(condition, is_any, is_wanted))
        for part in condition.parts:
            yield from _groups(part, is_wanted)


def _members(condition: Condition, is_any: bool, is_wanted: bool) -> Iterator[Wanted]:
    if isinstance(condition, Leaf):
        yield condition, is_wanted
    elif isinstance(condition, Not):
        yield from _members(condition.part, is_any, not is_wanted)
    elif (condition.is_any is is_wanted) is is_any:
        for part in condition.parts:
            yield from _members(part, is_any, is_wanted)


def _by_field(parts: list[Wanted]) -> Iterator[list[Wanted]]:
    """Conditions on one field, where there are two and its values can be tried."""
    names = dict.fromkeys(leaf.field.name for leaf, _ in parts)
    for name in names:
        found = [(leaf, is_wanted) for leaf, is_wanted in parts if leaf.field.name == name]
        if len(found) > 1 and not any(leaf.least_score or _asks_history(leaf) for leaf, _ in found):
            yield found


def _asks_history(leaf: Leaf) -> bool:
    return isinstance(leaf.wanted, dict) and any(word.startswith("changed") for word in leaf.wanted)


def _settled(leaves: list[Wanted], is_any: bool) -> bool:
    """True where no value makes all of them hold, or (`any`) none leaves them all unmet."""
    field = leaves[0][0].field
    if field.type not in _CLOSED and (is_any or not any(_names_values(leaf, is_wanted) for leaf, is_wanted in leaves)):
        return False
    tried: list[FactValue] = [*field.choices, *(value for leaf, _ in leaves for value in values_around(leaf, _AT))]
    tried += _between([value for value in tried if isinstance(value, int | float) and not isinstance(value, bool)])
    if field.type is FieldType.BOOL:
        tried += [True, False]
    if field.value(View(_nothing())) is None:
        tried.append(None)
    return not any(_fits(leaves, value, is_any) for value in tried)


def _between(numbers: list[int | float]) -> list[FactValue]:
    ordered = sorted(numbers)
    return [(low + high) / 2 for low, high in pairwise(ordered)]


def _names_values(leaf: Leaf, is_wanted: bool) -> bool:
    """`subject: [a, b]`: one of these and nothing else."""
    return is_wanted and (not isinstance(leaf.wanted, dict) or bool({"is", "in"} & leaf.wanted.keys()))


def _fits(leaves: list[Wanted], value: FactValue, is_any: bool) -> bool:
    """For `all`: whether every condition is as wanted. For `any`: whether none is, unknown included."""
    found = [(_holds(leaf, value), is_wanted) for leaf, is_wanted in leaves]
    if is_any:
        return all(holds is not is_wanted for holds, is_wanted in found)
    return all(holds is is_wanted for holds, is_wanted in found)


def _holds(leaf: Leaf, value: FactValue) -> bool | None:
    view = View(_nothing(), _values={leaf.field.name: value})
    return leaf.evaluate(view, [])


@cache
def _nothing() -> Facts:
    return facts_from_json({"ticket": {}}, _AT)
