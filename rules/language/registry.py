"""What a field is, and the registry that holds them: one row a fact. The rows themselves stand in rules/language/fields.py.

Ask `Registry.find`, which also knows the open families (`custom.<slug>`, `company.custom.<slug>`, `requester.custom.<slug>`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapters.ticket import CustomValue, Json
from rules.language.history_counts import FAMILY, MEANINGS, Count, count_named
from rules.model.facts import SignalValue
from rules.model.view import FactValue, View
from rules.values.text import Letters, exact, folded

Reader = Callable[[View], FactValue]


class FieldType(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    ORDERED = "ordered choice"
    NUMBER = "number"
    MONEY = "money"
    DURATION = "duration"
    SET = "set"
    PATH = "path"  # a word of several levels, `billing.invoice`: asked at any of them
    TIME = "time"
    BOOL = "yes/no"
    CUSTOM = "custom"  # whatever the helpdesk keeps there: every operator is allowed, a value of another kind is unknown to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One fact. `choices` are the legal words (in rising order for an ordered choice). `unit_s`: what a bare number means for a
    duration, 0 where the unit must be written. `is_prose`: customers' words, never repeated in a trace. `is_address`:
    words in it are compared letter by letter. `can_change`: snapshots tell what it was before."""

    name: str
    type: FieldType
    meaning: str
    example: Json
    read: Reader
    choices: tuple[str, ...] = ()
    unit_s: int = 0
    is_prose: bool = False
    is_address: bool = False
    can_change: bool = False
    is_signal: bool = False

    def value(self, view: View) -> FactValue:
        return view.value(self.name, self.read)

    @property
    def letters(self) -> Letters:
        """How words in it are compared."""
        return exact if self.is_address else folded


@dataclass(frozen=True, slots=True)
class Registry:
    fields: Mapping[str, Field] = field(default_factory=dict)

    def find(self, name: str) -> Field | None:
        """The field, also for `custom.<slug>` and its relatives, and for counts by their whole name."""
        return self.fields.get(name) or _custom_field(name) or _count_field(name)

    def with_fields(self, more: Iterable[Field]) -> Registry:
        """For detectors of one's own: `signal_field(...)` makes their rows."""
        return Registry({**self.fields, **{each.name: each for each in more}})

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields.values())

    def names(self) -> list[str]:
        return list(self.fields)


def signal_field(name: str, type: FieldType, meaning: str, example: Json, choices: tuple[str, ...] = ()) -> Field:
    """A detector's signal as a field. Its value is unknown until the detector has spoken."""

    def read(view: View) -> FactValue:
        found = view.signal(name)
        return None if found is None else _signal_value(found.value, type)

    return Field(name=name, type=type, meaning=meaning, example=example, read=read, choices=choices, is_signal=True)


def _signal_value(value: SignalValue, type: FieldType) -> FactValue:
    if isinstance(value, tuple):
        return frozenset(value) if type is FieldType.SET else None
    if type is FieldType.SET:
        return frozenset((str(value),)) if value else frozenset()
    if type is FieldType.BOOL or isinstance(value, bool):
        return value if type is FieldType.BOOL and isinstance(value, bool) else None
    return value if isinstance(value, str) != (type is FieldType.NUMBER) else None


def _count_field(name: str) -> Field | None:
    found = count_named(name.removeprefix(FAMILY)) if name.startswith(FAMILY) else None
    return count_field(found) if found else None


def count_field(count: Count) -> Field:
    """A count as a field: `counts.tickets_by_requester.30d`. Unknown where nobody counted it."""
    name = count.name
    return Field(
        name=FAMILY + name,
        type=FieldType.NUMBER,
        meaning=MEANINGS[count.kind],
        example={"at_least": 3},
        read=lambda view: view.facts.counts.get(name),
    )


def _custom_field(name: str) -> Field | None:
    prefix = next((prefix for prefix in _CUSTOM if name.startswith(prefix) and len(name) > len(prefix)), None)
    if prefix is None:
        return None
    where, slug = _CUSTOM[prefix], name.removeprefix(prefix)
    return Field(
        name=name,
        type=FieldType.CUSTOM,
        meaning="a custom field by its slug",
        example="gold",
        read=lambda view: _custom_value(where(view).get(slug)),
        can_change=prefix == "custom.",
    )


_CUSTOM: dict[str, Callable[[View], Mapping[str, CustomValue]]] = {
    "custom.": lambda view: view.facts.ticket.custom,
    "company.custom.": lambda view: view.facts.company.custom,
    "requester.custom.": lambda view: view.facts.requester.custom,
}
CUSTOM_PREFIXES = tuple(_CUSTOM)


def _custom_value(value: CustomValue) -> FactValue:
    return frozenset(value) if isinstance(value, tuple) else value
