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

from pydantic import TypeAdapter

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Plain JSON for a value of the model: dataclasses, enums, sets, times, mappings, nested."""
    if value is None or isinstance(value, bool | int | float) or type(value) is str:
        return value
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {str(to_json(name)): to_json(inside) for name, inside in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(to_json(inside) for inside in value)
    if isinstance(value, tuple | list):
        return [to_json(inside) for inside in value]
    return str(value)


def dumps(value: Any) -> str:
    """Canonical JSON text that every database takes: half a surrogate pair, which JSON may hold, stays escaped."""
    tree = to_json(value)
    text = json.dumps(tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    return text


def loads(kind: Callable[..., T], text: str) -> T:
    """The value that `dumps` wrote. Raises pydantic.ValidationError where the text is of another shape."""
    value: T = _reader(kind).validate_python(json.loads(text))
    return value


@cache
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
