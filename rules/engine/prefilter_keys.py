"""What must be so before a rule can match, told from its condition alone: keys that can be looked up instead of asked one by one.

A guard is a list of keys, each "this field has this word / is this value / ...". Where none of them is so, the condition does not
hold: it is false or unknown. Where one is, nothing is said yet. Conditions of which no such keys can be told have no guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters.ticket import Json
from rules.language.conditions import Condition, Group, Leaf
from rules.language.operands import WrongValue, each_of, scalar, words
from rules.language.registry import Field, FieldType

IS, HAS, STARTS, ENDS, MATCHES = "is", "has", "starts", "ends", "matches"


@dataclass(frozen=True, slots=True)
class Key:
    """`value` is ready for comparing: `normal`, or a pattern as it was written."""

    field: Field
    word: str
    value: object


@dataclass(frozen=True, slots=True)
class Guard:
    """`path`: the condition that it was told from. `chance`: a guess how often one of the keys is so. The least is the best."""

    path: str
    keys: tuple[Key, ...]
    chance: float


def guard_of(condition: Condition | None) -> Guard | None:
    match condition:
        case Leaf():
            return _best(_of_word(condition, word, raw) for word, raw in tests_of(condition))
        case Group(is_any=False):
            return _best(map(guard_of, condition.parts))
        case Group():
            return _any(condition)
        case _:  # of `not`, and of a rule without a condition
            return None


def tests_of(leaf: Leaf) -> Iterator[tuple[str, Json]]:
    """The operators of a condition with their values, also where they were written short."""
    if isinstance(leaf.wanted, dict):
        yield from ((word, raw) for word, raw in leaf.wanted.items() if word != "confidence")
    else:
        yield ("has_any" if leaf.field.type is FieldType.SET else "is"), leaf.wanted


def _best(guards: Iterable[Guard | None]) -> Guard | None:
    return min((each for each in guards if each is not None), key=lambda each: each.chance, default=None)


def _any(group: Group) -> Guard | None:
    guards = [guard_of(part) for part in group.parts]
    known = [each for each in guards if each is not None]
    if not known or len(known) < len(guards):
        return None
    return Guard(group.path, tuple(key for each in known for key in each.keys), sum(each.chance for each in known))


def _of_word(leaf: Leaf, word: str, raw: Json) -> Guard | None:
    try:
        keys = list(_keys(leaf.field, word, raw))
    except WrongValue:  # was refused at load already
        return None
    return Guard(leaf.path, tuple(keys), sum(map(_chance, keys))) if keys else None


def _keys(field: Field, word: str, raw: Json) -> Iterator[Key]:
    if word in ("is", "in") and not (word == "in" and field.type is FieldType.SET):
        yield from (Key(field, IS, value) for value in each_of(raw, field, scalar))
    elif word in ("has", "has_any", "in"):
        yield from (Key(field, HAS, value) for value in words(raw, field))
    elif word == "has_all":  # one that must be there is enough to ask for
        yield Key(field, HAS, max(words(raw, field), key=len))
    elif word in (STARTS, ENDS):
        yield from (Key(field, word, value) for value in words(raw, field))
    elif word == MATCHES:
        yield Key(field, MATCHES, raw)


def _chance(key: Key) -> float:
    field = key.field
    if field.type is FieldType.BOOL:
        return 0.5
    if field.choices:
        return 1 / len(field.choices)
    if field.type is FieldType.TEXT and key.word != IS:
        return 0.02 if len(str(key.value)) > 3 else 0.1
    return 0.05
