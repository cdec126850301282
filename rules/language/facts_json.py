"""Facts and decisions from JSON: what rule tests, `deskhand decide` and stored runs are made of.

The object is either `{"ticket": {...}, "company": ..., "signals": ...}` or a bare ticket. Unknown keys are refused with a
suggestion, all problems at once, each with its path. The way out, and the hashes, are rules/model/canonical_json.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from adapters.ticket import Company, Json, Message, Person, Ticket
from rules.files.problems import suggest
from rules.files.wrong_value import in_words
from rules.language.fields import FIELDS
from rules.language.history_counts import CountKind, canonical_name
from rules.model.canonical_json import canonical, decision_hash, decision_to_json, facts_hash, facts_to_json, without_raw
from rules.model.decision import Decision
from rules.model.facts import Candidate, Facts, OwnWords
from rules.values.working_hours import WorkingHours

__all__ = [
    "FactsInvalid",
    "Json",
    "Wrong",
    "canonical",
    "decision_from_json",
    "decision_hash",
    "decision_to_json",
    "facts_from_json",
    "facts_hash",
    "facts_to_json",
    "without_raw",
]

T = TypeVar("T")
_FACTS = TypeAdapter(Facts)
_DECISION = TypeAdapter(Decision)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One problem in facts that a person wrote; `at` is its place in the object."""

    at: tuple[str | int, ...]
    message: str


class FactsInvalid(Exception):
    """The object is no set of facts. `wrong` lists every problem."""

    def __init__(self, wrong: list[Wrong]) -> None:
        super().__init__("\n".join(f"{'.'.join(map(str, each.at)) or 'facts'}: {each.message}" for each in wrong))
        self.wrong = wrong


def facts_from_json(tree: object, now: datetime | None = None) -> Facts:
    """Facts from parsed JSON. `now` counts where the object has none. Raises FactsInvalid.

    Company and requester come from the ticket where they do not stand beside it. Times without a zone are UTC.
    """
    if not isinstance(tree, Mapping):
        raise FactsInvalid([Wrong((), "wanted an object: a ticket, or `ticket` with facts beside it")])
    given = _envelope({str(name): _without_dates(inside) for name, inside in tree.items()})
    if "now" not in given:
        if now is None:
            raise FactsInvalid([Wrong(("now",), "the time is missing: name it here or on the command line")])
        given["now"] = now
    if isinstance(given.get("counts"), Mapping):
        given["counts"] = {canonical_name(str(name)): each for name, each in given["counts"].items()}
    wrong = [*_unknown_names(given, "clocks"), *_unknown_names(given, "counts")]
    try:
        facts = _FACTS.validate_python(given)
    except ValidationError as error:
        raise FactsInvalid([*wrong, *(_wrong(each) for each in error.errors(include_url=False))]) from error
    if wrong:
        raise FactsInvalid(wrong)
    return _completed(_aware(facts), given)


def _without_dates(value: Any) -> Any:
    """YAML makes dates of what looks like one; here they are text, as in JSON."""
    if isinstance(value, Mapping):
        return {name: _without_dates(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple):
        return [_without_dates(inside) for inside in value]
    return value.isoformat() if isinstance(value, date) else value


def decision_from_json(tree: object) -> Decision:
    """A stored decision. Raises FactsInvalid."""
    try:
        return _aware(_DECISION.validate_python(tree))
    except ValidationError as error:
        raise FactsInvalid([_wrong(each) for each in error.errors(include_url=False)]) from error


def _envelope(tree: dict[str, Any]) -> dict[str, Any]:
    """The object with the ticket under `ticket`."""
    known = {field.name for field in fields(Facts)}
    beside = known - {"company", "requester"}
    if "ticket" in tree or (tree and set(tree) <= known):
        return {"ticket": {}, **tree, **_signals(tree)}
    if misplaced := sorted(set(tree) & beside):
        message = f"put the ticket's own fields under `ticket`, and {misplaced[0]} beside it"
        raise FactsInvalid([Wrong((misplaced[0],), message)])
    return {"ticket": tree}


def _signals(tree: Mapping[str, Any]) -> dict[str, Any]:
    """`sentiment: angry` is short for `sentiment: {value: angry}`."""
    signals = tree.get("signals")
    if not isinstance(signals, Mapping):
        return {}
    return {"signals": {name: each if isinstance(each, Mapping) else {"value": each} for name, each in signals.items()}}


def _unknown_names(given: Mapping[str, Any], family: str) -> list[Wrong]:
    """Clocks and counts that no field reads: a slip of the pen, not a fact."""
    known = [name.removeprefix(f"{family}.") for name in FIELDS.names() if name.startswith(f"{family}.")]
    names = given.get(family)
    if not isinstance(names, Mapping):
        return []
    if family == "counts":
        known += [f"{kind}.30d" for kind in CountKind]
    return [
        Wrong((family, str(name)), f"no such name{suggest(str(name), known)}")
        for name in names
        if FIELDS.find(f"{family}.{name}") is None
    ]


def _completed(facts: Facts, given: Mapping[str, Any]) -> Facts:
    ticket = facts.ticket
    if "company" not in given and ticket.company is not None:
        facts = replace(facts, company=ticket.company)
    if "requester" not in given and ticket.requester is not None:
        facts = replace(facts, requester=ticket.requester)
    return facts


def _wrong(error: ErrorDetails) -> Wrong:
    at = tuple(step for step in error["loc"] if not _is_type_name(step))
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return Wrong(at, "no such field" + suggest(str(at[-1]), _names_at(at)))
    return Wrong(at, in_words(error))


def _is_type_name(step: str | int) -> bool:
    """pydantic names the branch of a union that it tried (`tuple[str, ...]`): no place in the file."""
    return isinstance(step, str) and (step in ("str", "int", "float", "bool", "datetime") or "[" in step)


_KINDS: dict[str, type] = {
    "ticket": Ticket,
    "company": Company,
    "requester": Person,
    "messages": Message,
    "own_words": OwnWords,
    "agents": Candidate,
    "working_hours": WorkingHours,
}


def _names_at(at: tuple[str | int, ...]) -> list[str]:
    owner = next((_KINDS[step] for step in reversed(at[:-1]) if isinstance(step, str) and step in _KINDS), Facts)
    return [field.name for field in fields(owner)]


def _aware(value: T) -> T:
    """The value with every time in UTC; the shape stays."""
    walked: T = _walked(value)
    return walked


def _walked(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: after
            for each in fields(value)
            if each.name != "raw" and (after := _walked(before := getattr(value, each.name))) is not before
        }
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple):
        walked = tuple(map(_walked, value))
        return value if all(a is b for a, b in zip(walked, value, strict=True)) else walked
    if isinstance(value, Mapping):
        after = {name: _walked(inside) for name, inside in value.items()}
        return value if all(after[name] is inside for name, inside in value.items()) else after
    return value
