"""The operators: which types they are for, how their value is read, when they hold.

Reading happens once, at load, and raises `WrongValue` with what to write instead; it returns a `Check`, a function from a
view to an answer. An answer is yes, no, or unknown (`holds` None): an unknown fact never holds, except for `known: false`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.ticket import Json
from rules.language.operands import WrongValue, amount, each_of, moment, pattern, scalar, seconds, word, words, yes_no
from rules.language.registry import Field, FieldType
from rules.model.view import FactValue, View, issue_levels
from rules.values.text import normal


@dataclass(frozen=True, slots=True)
class Answer:
    holds: bool | None
    why: str = ""


YES, NO, UNKNOWN = Answer(True), Answer(False), Answer(None, "not known")

Check = Callable[[View], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    name: str
    meaning: str
    types: frozenset[FieldType]
    read: Callable[[Json, Field], Check]

    def fits(self, field: Field) -> bool:
        if self.name == "changed_from" and field.name in _KEPT_BY_ID:
            return False
        if self.name.startswith("changed"):
            return field.can_change
        return field.type in self.types


# Snapshots keep these by id, and the name of the one before is gone.
_KEPT_BY_ID = ("assignee", "team")

T = FieldType
_ANY = frozenset(T)
_PLAIN = _ANY - {T.SET, T.TIME}
_WORDS = frozenset({T.TEXT, T.CUSTOM})
_SETS = frozenset({T.SET, T.CUSTOM})
_AMOUNTS = frozenset({T.NUMBER, T.MONEY, T.DURATION, T.ORDERED, T.CUSTOM})
_TIMES = frozenset({T.TIME, T.CUSTOM})


def operators_for(field: Field) -> dict[str, Operator]:
    return {name: each for name, each in OPERATORS.items() if each.fits(field)}


def _on(field: Field, test: Callable[[View, FactValue], bool | None]) -> Check:
    """Unknown stays unknown; a custom field of another kind (`None` from the test) counts as unknown too."""

    def check(view: View) -> Answer:
        value = field.value(view)
        if value is None:
            return UNKNOWN
        result = test(view, value)
        return Answer(None, f"not a value for this operator: {type(value).__name__}") if result is None else YES if result else NO

    return check


def _is(raw: Json, field: Field) -> Check:
    wanted = set(each_of(raw, field, scalar))
    if field.type is T.PATH:
        return _on(field, lambda view, value: _is_within(view, value, wanted))

    def test(view: View, value: FactValue) -> bool:
        return (view.normal(field.name, value) if isinstance(value, str) else value) in wanted

    return _on(field, test)


def _is_within(view: View, value: FactValue, wanted: set[object]) -> bool | None:
    return bool(wanted & set(issue_levels(view, normal(value)))) if isinstance(value, str) else None


def _in(raw: Json, field: Field) -> Check:
    if not isinstance(raw, list):
        raise WrongValue("wanted a list: [one, two]")
    return _is(raw, field) if field.type is not T.SET else _has_any(raw, field)


def _known(raw: Json, field: Field) -> Check:
    wanted = yes_no(raw)
    return lambda view: YES if (field.value(view) not in (None, "")) is wanted else NO


def _has(raw: Json, field: Field) -> Check:
    if isinstance(raw, list):
        raise WrongValue("wanted one value; for several write has_any" + ("" if field.type is T.TEXT else " or has_all"))
    return _has_any(raw, field)


def _has_any(raw: Json, field: Field) -> Check:
    wanted = words(raw, field)

    def check(view: View) -> Answer:
        value = field.value(view)
        if isinstance(value, frozenset):
            found = next((one for one in wanted if one in members(value)), "")
        elif isinstance(value, str):
            found = view.first_phrase(field.name, value, wanted, field.letters)
        else:
            return UNKNOWN
        return Answer(True, f"has {found!r}") if found else NO

    return check


def _has_all(raw: Json, field: Field) -> Check:
    wanted = frozenset(words(raw, field))
    return _on(field, lambda _, value: wanted <= members(value) if isinstance(value, frozenset) else None)


def _has_none(raw: Json, field: Field) -> Check:
    wanted = frozenset(words(raw, field))
    return _on(field, lambda _, value: not wanted & members(value) if isinstance(value, frozenset) else None)


def _empty(raw: Json, field: Field) -> Check:
    wanted = yes_no(raw)
    return _on(field, lambda _, value: (not value) is wanted if isinstance(value, frozenset) else None)


def members(value: frozenset[str]) -> frozenset[str]:
    """The words of a set, ready for comparing."""
    return frozenset(map(normal, value))


def _starts(raw: Json, field: Field) -> Check:
    wanted = forms_of(words(raw, field), field)

    def test(view: View, value: FactValue) -> bool | None:
        return any(map(str.startswith, _forms(view, field, value), wanted)) if isinstance(value, str) else None

    return _on(field, test)


def _ends(raw: Json, field: Field) -> Check:
    wanted = forms_of(words(raw, field), field)

    def test(view: View, value: FactValue) -> bool | None:
        return any(map(str.endswith, _forms(view, field, value), wanted)) if isinstance(value, str) else None

    return _on(field, test)


def forms_of(phrases: Sequence[str], field: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words with ä as a, and with ä as ae; each is compared with the text in the same form."""
    both = [field.letters(phrase) for phrase in phrases]
    return tuple(each.letters for each in both), tuple(each.spelled for each in both)


def _forms(view: View, field: Field, value: str) -> tuple[str, str]:
    text = view.words(field.name, value, field.letters)
    return text.letters, text.spelled


def _matches(raw: Json, field: Field) -> Check:
    if not isinstance(raw, str) or not raw:
        raise WrongValue("wanted a regular expression as text")
    wanted = pattern(raw)

    def test(view: View, value: FactValue) -> bool | None:
        return view.matches(field.name, value, raw, wanted) if isinstance(value, str) else None

    return _on(field, test)


def _comparing(compare: Callable[[float, float], bool]) -> Callable[[Json, Field], Check]:
    def read(raw: Json, field: Field) -> Check:
        wanted = amount(raw, field)

        def test(view: View, value: FactValue) -> bool | None:
            found = _as_amount(value, field)
            return None if found is None else compare(found, wanted)

        return _on(field, test)

    return read


def _between(raw: Json, field: Field) -> Check:
    if not isinstance(raw, list) or len(raw) != 2:
        raise WrongValue("wanted two values: [from, to]; both count as inside")
    least, most = (amount(raw[0], field), amount(raw[1], field))
    if least > most:
        raise WrongValue("the first value is the larger one: nothing lies between")

    def test(_: View, value: FactValue) -> bool | None:
        found = _as_amount(value, field)
        return None if found is None else least <= found <= most

    return _on(field, test)


def _as_amount(value: FactValue, field: Field) -> float | None:
    if field.type is T.ORDERED:
        name = normal(value) if isinstance(value, str) else ""
        return field.choices.index(name) if name in field.choices else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _before(raw: Json, field: Field) -> Check:
    wanted = moment(raw)
    return _on_time(field, lambda _, at: at < wanted)


def _after(raw: Json, field: Field) -> Check:
    wanted = moment(raw)
    return _on_time(field, lambda _, at: at > wanted)


def _older(raw: Json, field: Field) -> Check:
    wanted = seconds(raw)
    return _on_time(field, lambda view, at: (view.facts.now - at).total_seconds() > wanted)


def _newer(raw: Json, field: Field) -> Check:
    wanted = seconds(raw)
    return _on_time(field, lambda view, at: (view.facts.now - at).total_seconds() < wanted)


def _in_working_time(raw: Json, field: Field) -> Check:
    wanted = yes_no(raw)

    def test(view: View, at: datetime) -> bool:
        hours = view.facts.working_hours
        return (hours is None or hours.covers(at)) is wanted

    return _on_time(field, test)


def _on_time(field: Field, test: Callable[[View, datetime], bool]) -> Check:
    """A custom field keeps its date as ISO text."""

    def check(view: View, value: FactValue) -> bool | None:
        try:
            at = moment(value)
        except WrongValue:
            return None
        return test(view, at)

    return _on(field, check)


def _changed(raw: Json, field: Field) -> Check:
    wanted = yes_no(raw)

    def check(view: View) -> Answer:
        before, after = _change(view, field)
        return YES if (before != after) is wanted else NO

    return check


def _changed_from(raw: Json, field: Field) -> Check:
    return _on_change(raw, field, left=True)


def _changed_to(raw: Json, field: Field) -> Check:
    return _on_change(raw, field, left=False)


def _on_change(raw: Json, field: Field, *, left: bool) -> Check:
    """What was there before and no longer is, or is there now and was not. A set changes member by member."""
    wanted = set(each_of(raw, field, scalar if field.type is not T.TIME else word))

    def check(view: View) -> Answer:
        before, after = _change(view, field)
        if before == after:
            return NO
        if field.name in _KEPT_BY_ID:
            after = str(field.value(view) or "")
        gone, come = _changed_values(before), _changed_values(after)
        return YES if wanted & ((gone - come) if left else (come - gone)) else NO

    return check


def _change(view: View, field: Field) -> tuple[Json, Json]:
    """Before and after; the same twice where it did not change. Custom fields change inside one mapping."""
    family, _, slug = field.name.partition(".")
    before, after = view.facts.changes.get(family, (None, None))
    if not slug:
        return before, after
    return (before.get(slug) if isinstance(before, dict) else None, after.get(slug) if isinstance(after, dict) else None)


def _changed_values(value: Json) -> set[object]:
    values = value if isinstance(value, list) else [value]
    return {normal(one) if isinstance(one, str) else one for one in values if not isinstance(one, dict | list)}


_ROWS = (
    (
        "is",
        "is exactly this; of a list, any of these (a bare value means the same). A path: this, or anything below it",
        _PLAIN,
        _is,
    ),
    ("in", "any of this list", _ANY - {T.TIME}, _in),
    ("known", "true: there is a value; false: there is none", _ANY, _known),
    ("has", "has it: as whole words in a text, whatever case and accents; as a member of a set", _WORDS | _SETS, _has),
    ("has_any", "has at least one of these", _WORDS | _SETS, _has_any),
    ("has_all", "has all of these", _SETS, _has_all),
    ("has_none", "has none of these", _SETS, _has_none),
    ("empty", "true: nothing in it; false: something", _SETS, _empty),
    ("starts", "starts with this, or with any of a list, whatever case and accents", _WORDS, _starts),
    ("ends", "ends with this, or with any of a list, whatever case and accents", _WORDS, _ends),
    ("matches", "a regular expression (RE2, whatever case) is found in it", _WORDS, _matches),
    ("at_least", "this or more", _AMOUNTS, _comparing(operator.ge)),
    ("at_most", "this or less", _AMOUNTS, _comparing(operator.le)),
    ("over", "more than this", _AMOUNTS, _comparing(operator.gt)),
    ("under", "less than this", _AMOUNTS, _comparing(operator.lt)),
    ("between", "from the first to the second of two values, both included", _AMOUNTS, _between),
    ("before", "earlier than this time (UTC where no zone is written)", _TIMES, _before),
    ("after", "later than this time (UTC where no zone is written)", _TIMES, _after),
    ("older_than", "longer ago than this duration", _TIMES, _older),
    ("newer_than", "less long ago than this duration", _TIMES, _newer),
    (
        "in_working_time",
        "true: within the team's `working_hours`; false: outside. Without them every time is",
        _TIMES,
        _in_working_time,
    ),
    ("changed", "true: it is another value than at the last look", _ANY, _changed),
    ("changed_from", "it was this (any of a list) and is not any more; a tag that was taken off", _ANY, _changed_from),
    ("changed_to", "it is now this (any of a list) and was not before; a tag that was put on", _ANY, _changed_to),
)
OPERATORS = {
    name: Operator(name=name, meaning=meaning, types=frozenset(types), read=read) for name, meaning, types, read in _ROWS
}
