"""Half a surrogate pair is no letter, and no detector can read a text that holds one: hand-made tickets may, and stored ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from adapters.ticket import Ticket

_HALF = re.compile("[\ud800-\udfff]")


def with_whole_letters(ticket: Ticket) -> Ticket:
    """The ticket with the replacement character in their place, everywhere but in `raw`; itself where there are none."""
    cleaned: Ticket = _cleaned(ticket)
    return cleaned


def _cleaned(value: Any) -> Any:
    """The very same value where nothing is to be cleaned."""
    if isinstance(value, str):
        return value if value.isascii() or not _HALF.search(value) else _HALF.sub("\ufffd", value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: after
            for each in fields(value)
            if each.name != "raw" and (after := _cleaned(before := getattr(value, each.name))) is not before
        }
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple | frozenset):
        after = [_cleaned(each) for each in value]
        return value if all(a is b for a, b in zip(after, value, strict=True)) else type(value)(after)
    if isinstance(value, Mapping):
        pairs = {_cleaned(name): _cleaned(inside) for name, inside in value.items()}
        return value if all(pairs.get(name) is inside for name, inside in value.items()) else pairs
    return value
