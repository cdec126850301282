"""Conditions: nested `all`, `any`, `not` over `field: value`; compiled once, evaluated with a trace.

The logic has three values. Yes and no as usual; unknown where a fact is not there: `all` with an unknown part is unknown unless
another part says no, `any` is unknown unless another part says yes, and `not` of unknown is unknown. A rule acts on yes only.
So `not: {company.tier: enterprise}` does not act on a customer whose tier nobody knows; `company.tier: {known: false}` does.
Every condition is evaluated and leaves its step, also where the result is settled already: "what would flip it" needs them all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from adapters.ticket import Json
from rules.files.problems import suggest
from rules.files.yaml_file import Location, path_of
from rules.language.history_counts import OPTIONS, Count, CountKind, WrongCount, options_of, read_count
from rules.language.operands import WrongValue
from rules.language.operators import OPERATORS, UNKNOWN, Answer, Check, operators_for
from rules.language.registry import CUSTOM_PREFIXES, Field, FieldType, Registry, count_field
from rules.model.decision import Step
from rules.model.view import FactValue, View

MAX_DEPTH = 12
GROUPS = ("all", "any", "not")
Report = Callable[[Location, str], None]


@dataclass(frozen=True, slots=True)
class Leaf:
    path: str
    field: Field
    wanted: Json
    checks: tuple[Check, ...]
    least_score: float = 0.0

    def evaluate(self, view: View, steps: list[Step]) -> bool | None:
        answer = self.answer(view)
        steps.append(
            Step(
                path=self.path,
                wanted=self.wanted,
                found=_shown(self.field, self.field.value(view)),
                holds=answer.holds is True,
                why=answer.why,
            )
        )
        return answer.holds

    def answer(self, view: View) -> Answer:
        """Without a step."""
        first, *more = self.checks
        answer = combined_all([check(view) for check in self.checks]) if more else first(view)
        signal = view.signal(self.field.name) if self.least_score else None
        if signal is not None and signal.score < self.least_score:
            return Answer(False, f"signal score {signal.score:.2f} < {self.least_score:g}")
        return answer


@dataclass(frozen=True, slots=True)
class Group:
    """`any`, or `all` for the rest."""

    path: str
    is_any: bool
    parts: tuple[Condition, ...] = field(default=())

    def evaluate(self, view: View, steps: list[Step]) -> bool | None:
        place = len(steps)
        results = [part.evaluate(view, steps) for part in self.parts]
        holds = _any(results) if self.is_any else _all(results)
        steps.insert(place, _group_step(self.path, "any" if self.is_any else "all", holds))
        return holds


@dataclass(frozen=True, slots=True)
class Not:
    path: str
    part: Condition

    def evaluate(self, view: View, steps: list[Step]) -> bool | None:
        place = len(steps)
        inner = self.part.evaluate(view, steps)
        holds = None if inner is None else not inner
        steps.insert(place, _group_step(self.path, "not", holds))
        return holds


Condition = Leaf | Group | Not


def first_failing(condition: Condition | None, view: View) -> str:
    """The path of a part of the outermost `all` that does not hold, so that the whole cannot; "" where there is none. Cheaper
    than an evaluation: no steps, and nothing behind the first."""
    match condition:
        case Leaf():
            return condition.path if condition.answer(view).holds is not True else ""
        case Group(is_any=False):
            return next((path for part in condition.parts if (path := first_failing(part, view))), "")
        case _:
            return ""


def leaves_of(condition: Condition | None, is_wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Each condition on a field, as they are written, and whether the rule wants it to hold (below `not` it does not)."""
    match condition:
        case Leaf():
            yield condition, is_wanted
        case Not():
            yield from leaves_of(condition.part, not is_wanted)
        case Group():
            for part in condition.parts:
                yield from leaves_of(part, is_wanted)
        case _:
            return


def _all(results: Iterable[bool | None]) -> bool | None:
    found = set(results)
    return False if False in found else None if None in found else True


def _any(results: Iterable[bool | None]) -> bool | None:
    found = set(results)
    return True if True in found else None if None in found else False


def combined_all(answers: list[Answer]) -> Answer:
    """The first no, else the first unknown, else yes with the first reason."""
    no = next((answer for answer in answers if answer.holds is False), None)
    unknown = next((answer for answer in answers if answer.holds is None), None)
    return no or unknown or next((answer for answer in answers if answer.why), answers[0])


def _group_step(path: str, word: str, holds: bool | None) -> Step:
    return Step(path=path, wanted=word, found=None, holds=holds is True, why="" if holds is not None else UNKNOWN.why)


def _shown(field: Field, value: FactValue) -> Json:
    """The value as a trace keeps it: texts of customers are not repeated, long ones are cut."""
    if isinstance(value, frozenset):
        return [_cut(word) for word in sorted(value)[:20]]
    if isinstance(value, str):
        return f"(text of {len(value)} characters)" if field.is_prose else _cut(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    return value.isoformat()


def _cut(text: str) -> str:
    return text if len(text) <= 120 else text[:117] + "..."


# --- compiling ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compiler:
    """Turns a plain tree into conditions, reporting every problem at its place; a part that is wrong is left out."""

    registry: Registry
    report: Report
    at_rule: Location

    def compile(self, tree: Json, at: tuple[str | int, ...], depth: int = 0) -> Condition | None:
        if depth > MAX_DEPTH:
            return self._wrong(at, f"nested more than {MAX_DEPTH} deep: split it into several rules")
        if not isinstance(tree, dict) or not tree:
            return self._wrong(at, "wanted `field: value`, or all, any or not with conditions below")
        parts = [self._one(name, inside, (*at, name), depth) for name, inside in tree.items()]
        if len(parts) == 1:
            return parts[0]
        return Group(self._path(at), False, tuple(part for part in parts if part))

    def _one(self, name: str, tree: Json, at: tuple[str | int, ...], depth: int) -> Condition | None:
        if name in ("all", "any"):
            return self._group(name, tree, at, depth)
        if name == "not":
            if isinstance(tree, dict) and len(tree) > 1:
                return self._wrong(at, "not takes one condition: put several below `all:` or `any:`")
            part = self.compile(tree, at, depth + 1)
            return Not(self._path(at), part) if part else None
        if name == "changed":
            return self._changed(tree, at)
        return self._leaf(name, tree, at)

    def _group(self, name: str, tree: Json, at: tuple[str | int, ...], depth: int) -> Condition | None:
        if not isinstance(tree, list) or not tree:
            return self._wrong(at, f"wanted a list of conditions below {name}, each starting with a dash")
        parts = [self.compile(part, (*at, place), depth + 1) for place, part in enumerate(tree)]
        return Group(self._path(at), name == "any", tuple(part for part in parts if part))

    def _changed(self, tree: Json, at: tuple[str | int, ...]) -> Condition | None:
        """`changed: priority`, or a list of fields: any of them."""
        names = tree if isinstance(tree, list) else [tree]
        if not names or not all(isinstance(name, str) for name in names):
            return self._wrong(at, "wanted a field or a list of fields")
        parts = [self._leaf(str(name), {"changed": True}, at) for name in names]
        return parts[0] if len(parts) == 1 else Group(self._path(at), True, tuple(part for part in parts if part))

    def _leaf(self, name: str, tree: Json, at: tuple[str | int, ...]) -> Condition | None:
        if name in list(CountKind):
            return self._count(CountKind(name), tree, at)
        found = self.registry.find(name)
        if found is None:
            known = [*self.registry.names(), *CountKind, *GROUPS, "changed", *(prefix + "<slug>" for prefix in CUSTOM_PREFIXES)]
            return self._wrong(at, f"{name}: no such field{suggest(name, known)}")
        path = path_of(at) if at[-1] != "changed" else f"{path_of(at)}.{name}"
        least_score, tests = self._score(found, tree, at)
        checks = [self._check(found, word, raw, place) for word, raw, place in tests]
        usable = tuple(check for check in checks if check)
        if not usable or len(usable) < len(checks):
            return None
        return Leaf(self._relative(path), found, jsonable(tree), usable, least_score)

    def _count(self, kind: CountKind, tree: Json, at: tuple[str | int, ...]) -> Condition | None:
        """`tickets_by_requester: {last: 30 days, at_least: 3}`: what is counted, and how many there must be."""
        tests = {word: raw for word, raw in tree.items() if word not in OPTIONS} if isinstance(tree, dict) else {}
        if not isinstance(tree, dict) or not tests:
            return self._wrong(at, f"{kind}: wanted what to count and how many, such as {{last: 30 days, at_least: 3}}")
        words = [*options_of(kind), *operators_for(count_field(Count(kind=kind)))]
        unknown = [word for word in tests if word not in words]
        for word in unknown:
            self.report((*at, word), f"{word}: no such option or operator of {kind}{suggest(word, words)}")
        if unknown:
            return None
        try:
            found = count_field(read_count(kind, {word: raw for word, raw in tree.items() if word in OPTIONS}))
        except WrongCount as error:
            return self._wrong((*at, error.option) if error.option else at, f"{kind}: {error}")
        checks = [self._check(found, word, raw, (*at, word)) for word, raw in tests.items()]
        usable = tuple(check for check in checks if check)
        return Leaf(self._path(at), found, jsonable(tree), usable) if len(usable) == len(checks) else None

    def _score(
        self, found: Field, tree: Json, at: tuple[str | int, ...]
    ) -> tuple[float, list[tuple[str, Json, tuple[str | int, ...]]]]:
        """The operators of one field condition, and the score that a signal must reach."""
        if not isinstance(tree, dict):
            return 0.0, [("is" if found.type not in (FieldType.SET,) else "has_any", tree, at)]
        tests = [(word, raw, (*at, word)) for word, raw in tree.items() if word != "confidence"]
        least = tree.get("confidence")
        if not tests:
            self.report(at, f"{found.name}: wanted an operator, such as {_operators_of(found)}")
        if least is None and "confidence" not in tree:
            return 0.0, tests
        if not found.is_signal:
            self.report((*at, "confidence"), f"{found.name} is not a signal: it has no confidence")
        elif isinstance(least, bool) or not isinstance(least, int | float) or not 0 <= least <= 1:
            self.report((*at, "confidence"), "confidence: wanted a number from 0 to 1")
        else:
            return float(least), tests
        return 0.0, tests

    def _check(self, found: Field, word: str, raw: Json, at: tuple[str | int, ...]) -> Check | None:
        usable = operators_for(found)
        if word not in usable:
            self.report(at, self._no_operator(found, word))
            return None
        try:
            return usable[word].read(raw, found)
        except WrongValue as error:
            self.report(at if error.at is None else (*at, error.at), f"{found.name}: {error}")
            return None

    def _no_operator(self, found: Field, word: str) -> str:
        if word.startswith("changed") and word in OPERATORS:
            return f"{found.name}: nobody keeps what it was before, so `{word}` cannot be asked"
        if word in OPERATORS:
            return f"{found.name} is a {found.type}: `{word}` does not fit, use {_operators_of(found)}"
        known = operators_for(found)
        return f"{word}: no such operator{suggest(word, known) or f' for {found.name}, use {_operators_of(found)}'}"

    def _wrong(self, at: Location, message: str) -> Condition | None:
        self.report(at, message)
        return None

    def _path(self, at: tuple[str | int, ...]) -> str:
        return self._relative(path_of(at))

    def _relative(self, path: str) -> str:
        return path.removeprefix(path_of(self.at_rule)).removeprefix(".")


def _operators_of(found: Field) -> str:
    return ", ".join(operators_for(found))


def jsonable(tree: object) -> Json:
    """What was written, as a trace can keep it (YAML makes dates of dates)."""
    if isinstance(tree, Mapping):
        return {str(name): jsonable(inside) for name, inside in tree.items()}
    if isinstance(tree, list):
        return [jsonable(inside) for inside in tree]
    if isinstance(tree, date):
        return tree.isoformat()
    if isinstance(tree, float) and not math.isfinite(tree):
        return str(tree)
    return tree if isinstance(tree, str | int | float | bool) or tree is None else str(tree)
