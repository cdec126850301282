"""Which rules can match at all, found without asking each: by event, and by the keys of rules/engine/prefilter_keys.py.

Made once with the rule set. `Under` is what the events alone tell; `Under.found` is what one look at the facts adds. Both name
rules by their place in the whole set. A rule that they do not name does not match: a thousand rules cost little more than those
that have something to do with the ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from adapters.ticket import EventType
from rules.engine.prefilter_keys import ENDS, HAS, IS, MATCHES, STARTS, Key, guard_of, tests_of
from rules.language.conditions import Leaf, leaves_of
from rules.language.operands import words
from rules.language.operators import forms_of, members
from rules.language.registry import Field, FieldType
from rules.model.decision import RuleResult
from rules.model.facts import RuleState
from rules.model.view import View, is_of_earlier_files, issue_levels
from rules.values.multi_pattern import Patterns, Phrases, Texts
from rules.values.text import Folded, Letters

if TYPE_CHECKING:
    from rules.engine.rule import Rule

BY_EVENT = "event"  # why a rule is ruled out whose events did not happen
_MOST_KEPT = 64  # sets of events, and rules that stop: few ever happen, or do

Places = Sequence[int]
Lengths = Mapping[int, Mapping[str, Places]]  # length of the beginning or end -> itself -> places
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class FieldIndex:
    """What guards look for in one field, and at which rules. `events`: under which any of those rules is asked."""

    field: Field
    events: frozenset[EventType]
    keys: Mapping[str, Mapping[object, Places]]  # word -> value -> places
    starts: tuple[Lengths, Lengths]  # in either form of the words
    ends: tuple[Lengths, Lengths]

    @property
    def is_of_earlier(self) -> bool:
        return is_of_earlier_files(self.field.name)

    def found(self, view: View) -> set[int]:
        value, places = self.field.value(view), set[int]()
        if value is None:
            return places
        if isinstance(value, frozenset):
            _add(places, self.keys.get(HAS, {}), members(value))
            return places
        same = self.keys.get(IS, {})
        if not isinstance(value, str):
            places.update(same.get(value, ()))
            return places
        if self.field.type is FieldType.PATH:  # asked at any of its levels
            _add(places, same, issue_levels(view, view.normal(self.field.name, value)))
            return places
        if same:
            places.update(same.get(view.normal(self.field.name, value), ()))
        if has := self.keys.get(HAS):
            _add(places, has, view.phrases_in(self.field.name, value, self.field.letters))
        if matches := self.keys.get(MATCHES):
            _add(places, matches, view.patterns_in(self.field.name, value))
        if any(self.starts) or any(self.ends):
            self._add_at_the_ends(places, view.words(self.field.name, value, self.field.letters))
        return places

    def _add_at_the_ends(self, places: set[int], words: Folded) -> None:
        for form, starts, ends in zip((words.letters, words.spelled), self.starts, self.ends, strict=True):
            for length, begins in starts.items():
                places.update(begins.get(form[:length], ()))
            for length, begins in ends.items():
                places.update(begins.get(form[-length:], ()))


def _add(places: set[int], rules: Mapping[object, Places], found: Iterable[object]) -> None:
    for each in found:
        places.update(rules.get(each, ()))


@dataclass(frozen=True, slots=True)
class Under:
    """What the events tell. `results`: of every rule as if it were ruled out. `asked`: whose events happened. `always`: of them,
    those that only their own condition can rule out."""

    results: tuple[RuleResult, ...]
    asked: frozenset[int]
    always: frozenset[int]
    fields: tuple[FieldIndex, ...]
    of_earlier: tuple[FieldIndex, ...]

    def found(self, view: View) -> set[int]:
        """Places of rules that can match, those aside that speak of earlier files."""
        return self._found(self.fields, view) | self.always

    def found_after(self, view: View) -> set[int]:
        """Places of rules that can match by what earlier files decided."""
        return self._found(self.of_earlier, view)

    def _found(self, fields: tuple[FieldIndex, ...], view: View) -> set[int]:
        found = set[int]()
        for each in fields:
            found |= each.found(view)
        return found & self.asked


@dataclass(slots=True)
class Index:
    """Of one rule set. `texts`: what its conditions look for in texts, by field. `out`: each rule's result where its guard finds
    nothing. `told`: rules of whose condition the guard tells all. `not_live`: rules that are not, with their stage. `blank`: each
    rule's state where it has none yet. `toggling`: the places of the rules that toggle a tag."""

    rules: tuple[Rule, ...]
    texts: Mapping[str, Texts]
    fields: tuple[FieldIndex, ...]
    unguarded: frozenset[int]
    told: frozenset[int]
    not_live: Mapping[int, str]
    out: tuple[RuleResult, ...]
    blank: dict[str, RuleState]
    places: Mapping[str, int]
    toggling: Mapping[str, Sequence[int]]
    _under: dict[frozenset[EventType], Under] = field(default_factory=dict)
    _out: dict[tuple[int, str], RuleResult] = field(default_factory=dict)
    _skipped: dict[tuple[range, str], tuple[RuleResult, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Index:
        rules = tuple(rules)
        guards = [guard_of(rule.when) for rule in rules]
        toggling: dict[str, list[int]] = {}
        for place, rule in enumerate(rules):
            for tag in rule.toggles:
                toggling.setdefault(tag, []).append(place)
        return cls(
            rules=rules,
            texts=_texts(leaf for rule in rules for leaf, _ in leaves_of(rule.when)),
            fields=_fields(rules, [guard.keys if guard else () for guard in guards]),
            unguarded=frozenset(place for place, guard in enumerate(guards) if guard is None),
            told=frozenset(place for place, rule in enumerate(rules) if guards[place] and isinstance(rule.when, Leaf)),
            not_live={place: rule.stage.value for place, rule in enumerate(rules) if not rule.is_live},
            out=tuple(_out(rule, guard.path if guard else "when") for rule, guard in zip(rules, guards, strict=True)),
            blank={rule.id: RuleState(rule=rule.id, semantic_hash=rule.semantic_hash) for rule in rules},
            places={rule.id: place for place, rule in enumerate(rules)},
            toggling=toggling,
        )

    def under(self, events: frozenset[EventType]) -> Under:
        return _kept(self._under, events, lambda: self._made_under(events))

    def _made_under(self, events: frozenset[EventType]) -> Under:
        asked = frozenset(place for place, rule in enumerate(self.rules) if rule.on & events)
        fields = [each for each in self.fields if each.events & events]
        return Under(
            results=tuple(
                self.out[place] if place in asked else replace(self.out[place], ruled_out=BY_EVENT)
                for place in range(len(self.rules))
            ),
            asked=asked,
            always=self.unguarded & asked,
            fields=tuple(each for each in fields if not each.is_of_earlier),
            of_earlier=tuple(each for each in fields if each.is_of_earlier),
        )

    def ruled_out(self, place: int, path: str) -> RuleResult:
        """The result of a rule whose condition at `path` does not hold."""
        found = self._out.get((place, path))
        if found is None:  # there are no more of them than conditions
            found = self._out[place, path] = _out(self.rules[place], path)
        return found

    def skipped(self, places: range, because: str) -> tuple[RuleResult, ...]:
        """The results of rules that were not asked."""
        return _kept(self._skipped, (places, because), lambda: tuple(_skipped(self.rules[place], because) for place in places))


def _kept(known: dict[K, V], key: K, make: Callable[[], V]) -> V:
    """Values that stay the same for a rule set, kept as long as there are not too many."""
    found = known.get(key)
    if found is None:
        if len(known) >= _MOST_KEPT:
            known.clear()
        found = known[key] = make()
    return found


def _out(rule: Rule, path: str) -> RuleResult:
    return RuleResult(id=rule.id, name=rule.name, file=rule.file, matched=False, fired=False, ruled_out=path)


def _skipped(rule: Rule, because: str) -> RuleResult:
    return RuleResult(id=rule.id, name=rule.name, file=rule.file, matched=False, fired=False, because=because)


def _texts(leaves: Iterable[Leaf]) -> dict[str, Texts]:
    phrases: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}
    letters: dict[str, Letters] = {}
    for leaf in leaves:
        letters[leaf.field.name] = leaf.field.letters
        for word, raw in tests_of(leaf):
            if word in ("has", "has_any") and leaf.field.type is not FieldType.SET:
                phrases.setdefault(leaf.field.name, []).extend(words(raw, leaf.field))
            elif word == MATCHES:
                patterns.setdefault(leaf.field.name, []).append(str(raw))
    names = phrases.keys() | patterns.keys()
    return {
        name: Texts(Phrases(phrases.get(name, ()), letters[name]), Patterns(patterns.get(name, ()))) for name in sorted(names)
    }


def _fields(rules: Sequence[Rule], keys: Sequence[tuple[Key, ...]]) -> tuple[FieldIndex, ...]:
    by_field: dict[str, list[tuple[Key, int]]] = {}
    for place, each in enumerate(keys):
        for key in each:
            by_field.setdefault(key.field.name, []).append((key, place))
    return tuple(_field_index(rules, by_field[name]) for name in sorted(by_field))


def _field_index(rules: Sequence[Rule], keys: list[tuple[Key, int]]) -> FieldIndex:
    by_word: dict[str, dict[object, list[int]]] = {}
    for key, place in keys:
        by_word.setdefault(key.word, {}).setdefault(key.value, []).append(place)
    return FieldIndex(
        field=keys[0][0].field,
        events=frozenset(event for _, place in keys for event in rules[place].on),
        keys={word: by_word[word] for word in (IS, HAS, MATCHES) if word in by_word},
        starts=_by_length(by_word.get(STARTS, {}), keys[0][0].field),
        ends=_by_length(by_word.get(ENDS, {}), keys[0][0].field),
    )


def _by_length(values: Mapping[object, Places], field: Field) -> tuple[Lengths, Lengths]:
    found: tuple[dict[int, dict[str, list[int]]], ...] = ({}, {})
    for value, places in values.items():
        for form, lengths in zip(forms_of([str(value)], field), found, strict=True):
            lengths.setdefault(len(form[0]), {}).setdefault(form[0], []).extend(places)
    return found[0], found[1]
