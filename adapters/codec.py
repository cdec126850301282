"""The model's values as canonical JSON and back: for snapshots, stored plans and hashes.

Canonical: sets sorted, times in ISO 8601 UTC, keys sorted, so that equal values give equal bytes in every process.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")


_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def to_json(value: Any) -> Any:
    """Plain JSON for a value of the model: dataclasses, enums, sets, times, mappings, nested."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is dict:
        return {name if type(name) is str else str(to_json(name)): to_json(inside) for name, inside in value.items()}
    if kind is tuple or kind is list:
        return [to_json(inside) for inside in value]
    if isinstance(value, Enum):
        return value.value
    if (names := _field_names(kind)) is not None:
        return {name: to_json(getattr(value, name)) for name in names}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, int | float):
        return value
    if isinstance(value, Mapping):
        return {str(to_json(name)): to_json(inside) for name, inside in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_json(inside) for inside in value)
    if isinstance(value, tuple | list):
        return [to_json(inside) for inside in value]
    return str(value)


_FIELD_NAMES: dict[type, tuple[str, ...] | None] = {}


def _field_names(kind: type) -> tuple[str, ...] | None:
    """Of a dataclass; None for another type. Asked for every value of a snapshot, so the answer is kept."""
    if kind not in _FIELD_NAMES:
        _FIELD_NAMES[kind] = tuple(each.name for each in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None
    return _FIELD_NAMES[kind]


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def dumps(value: Any) -> str:
    """Canonical JSON text that every database takes: half a surrogate pair, which JSON may hold, stays escaped."""
    tree = to_json(value)
    text = _encode(tree)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    return text


class Unreadable(ValueError):
    """A stored text of another shape than this version writes: a newer version wrote it, or it is damaged."""


def loads(kind: Callable[..., T], text: str) -> T:
    """The value that `dumps` wrote. Raises Unreadable, whose message quotes nothing of the text."""
    return _value(kind, _tree(text))


def loads_whole(kind: Callable[..., T], text: str) -> T:
    """As `loads`, for what is carried out: also Unreadable where the text says more than this version knows of."""
    return from_json_whole(kind, _tree(text))


def from_json_whole(kind: Callable[..., T], tree: Any) -> T:
    """As `loads_whole`, for JSON that is read already: what `to_json` made."""
    value = _value(kind, tree)
    if (place := _lost(tree, to_json(value))) is not None:
        raise Unreadable(f"{getattr(kind, '__name__', kind)}: {place or 'it'} is not known to this version")
    return value


def _tree(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Unreadable(f"no JSON: {type(error).__name__}") from None


def _value(kind: Callable[..., T], tree: Any) -> T:
    try:
        value: T = _reader(kind).validate_python(tree)
    except ValidationError as error:
        places = [".".join(str(part) for part in each["loc"]) for each in error.errors(include_input=False)[:3]]
        raise Unreadable(f"{getattr(kind, '__name__', kind)}: {', '.join(places) or 'it'} is of another shape") from None
    return value


def _lost(tree: Any, read: Any, place: str = "") -> str | None:
    """Where the text holds a key that was not read."""
    if isinstance(tree, dict) and isinstance(read, dict):
        for name, inside in tree.items():
            if name not in read:
                return f"{place}.{name}"
            if (found := _lost(inside, read[name], f"{place}.{name}")) is not None:
                return found
    if isinstance(tree, list) and isinstance(read, list):
        for number, (inside, found_inside) in enumerate(zip(tree, read, strict=False)):
            if (found := _lost(inside, found_inside, f"{place}[{number}]")) is not None:
                return found
    return None


def get_ready(*kinds: Any) -> None:
    """Make what reads these kinds now; else the first text of each waits for it."""
    for kind in kinds:
        _reader(kind)


@cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
