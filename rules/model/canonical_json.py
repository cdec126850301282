"""Facts and decisions as canonical JSON, and the two hashes. The way in is rules/language/facts_json.py.

Canonical: keys sorted, sets sorted, times in UTC, defaults left out, so a field that a later version adds changes no old hash.
Facts survive the round trip exactly.

What the hashes cover
- `facts_hash`: everything in the facts but the vendors' raw payloads, which no rule can see.
- `decision_hash`: every rule in its order, by its id; of one that was asked and matched also whether it fired, and its steps as
  (path, holds); and the unified writes: tags, priority, status, team, assignee, custom fields, copies, survey, macro by name.
  Left out, as they differ between helpdesks for one and the same story: found values and reasons of steps, texts and markers of
  notes and replies (that there is one counts), ids of linked and merged tickets, how long a snooze lasts, and everything that
  only we keep (state, notices, follow-ups). Left out too are the steps of rules that do not match, since they need not be made
  (docs/decisions/0016): so the hash is the same however much of the trace was asked for. `facts_hash` and the rules' hash cover
  what those steps come from. Version 1 had them; runs stored by then are still compared by it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from adapters.ticket import Json
from adapters.writes import (
    AddFollower,
    AddTags,
    PlannedWrite,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    Write,
)
from rules.model.decision import Decision
from rules.model.facts import Facts

HASH_VERSION = 2


def facts_to_json(facts: Facts) -> Json:
    """The facts as plain JSON that `facts_from_json` reads back to equal facts."""
    tree = _plain(facts)
    # Always there: what is absent would be taken from the ticket.
    beside: dict[str, Json] = {"company": _plain(facts.company), "requester": _plain(facts.requester)}
    return {**tree, **beside} if isinstance(tree, dict) else tree


def decision_to_json(decision: Decision) -> Json:
    return _plain(decision)


def canonical(tree: Json) -> str:
    """One text for one value: sorted keys, no spaces, ASCII. Raises ValueError on NaN and infinities."""
    return json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest(tree: Json) -> str:
    return hashlib.sha256(canonical(tree).encode("ascii")).hexdigest()


def facts_hash(facts: Facts) -> str:
    return digest(facts_to_json(without_raw(facts)))


def without_raw(facts: Facts) -> Facts:
    """The facts without the vendors' payloads: what a run needs to keep for replay."""
    messages = tuple(replace(message, raw=None) for message in facts.ticket.messages)
    return replace(facts, ticket=replace(facts.ticket, raw=None, messages=messages))


def decision_hash(decision: Decision, writes: Iterable[Write | PlannedWrite] = ()) -> str:
    """Equal on every helpdesk for the same story: see the head of this file for what counts."""
    rules: list[Json] = [
        [rule.id, rule.fired, [[step.path, step.holds] for step in rule.steps]]
        if rule.matched and not rule.ruled_out
        else rule.id
        for rule in decision.rules
    ]
    return digest({"version": HASH_VERSION, "rules": rules, "writes": _writes(writes)})


def decision_hash_1(decision: Decision, writes: Iterable[Write | PlannedWrite] = ()) -> str:
    """As it was before version 2. The decision has to be one in full."""
    return digest(hashed_in_full(decision, writes))


def hashed_in_full(decision: Decision, writes: Iterable[Write | PlannedWrite] = ()) -> dict[str, Json]:
    """Every step of every rule, and the writes, as a tree: to show in what two decisions differ. The decision has to be one in
    full."""
    rules: list[Json] = [
        {
            "id": rule.id,
            "matched": rule.matched,
            "fired": rule.fired,
            "steps": [[step.path, step.holds] for step in rule.steps],
        }
        for rule in decision.rules
    ]
    return {"rules": rules, "writes": _writes(writes)}


def _writes(writes: Iterable[Write | PlannedWrite]) -> list[Json]:
    plain = [_write(each.write if isinstance(each, PlannedWrite) else each) for each in writes]
    return sorted(plain, key=canonical)


def _write(write: Write) -> Json:
    match write:
        case AddTags() | RemoveTags():
            return {"kind": write.kind, "tags": [*sorted(write.tags)]}
        case SetPriority():
            return {"kind": write.kind, "priority": str(write.priority)}
        case SetStatus():
            return {"kind": write.kind, "status": str(write.status)}
        case SetAssignee():
            return {"kind": write.kind, "agent": write.agent}
        case SetTeam():
            return {"kind": write.kind, "team": write.team}
        case SetField():
            return {"kind": write.kind, "slug": write.slug, "value": _plain(write.value)}
        case AddFollower() | RemoveFollower():
            return {"kind": write.kind, "email": write.email}
        case ProposeMacro():
            return {"kind": write.kind, "macro": write.macro}
        case _:
            return {"kind": write.kind}


def _plain(value: object) -> Json:
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(name): _plain(inside) for name, inside in value.items()}
    if isinstance(value, frozenset | set):
        return [_plain(one) for one in sorted(map(str, value))]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        shown = {field.name: getattr(value, field.name) for field in fields(value)}
        return {field.name: _plain(shown[field.name]) for field in fields(value) if not _is_default(field, shown[field.name])}
    raise TypeError(f"no JSON for {type(value).__name__}")


def _is_default(field: Any, value: object) -> bool:
    default = field.default_factory() if field.default_factory is not MISSING else field.default
    return default is not MISSING and type(default) is type(value) and default == value
