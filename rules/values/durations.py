"""Durations as people write them in rules: `30 min`, `4 h`, `60 days`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS_S = {
    "s": 1,
    "sec": 1,
    "second": 1,
    "min": 60,
    "minute": 60,
    "h": 3600,
    "hour": 3600,
    "d": 86_400,
    "day": 86_400,
    "w": 604_800,
    "week": 604_800,
}
_SHAPE = re.compile(r"^\s*(-?\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+?)s?\s*$")


def parse_duration(text: str) -> timedelta:
    """Raises ValueError with what to write instead."""
    match = _SHAPE.match(text.casefold())
    unit = _UNITS_S.get(match[2] or "s") if match else None
    if match is None or unit is None:
        raise ValueError("wanted a duration such as `30 min`, `4 h` or `60 days`")
    return timedelta(seconds=float(match[1]) * unit)


def show_duration(seconds: float) -> str:
    """In the largest unit that keeps the number readable: `90 min`, `36 h`, `12 days`."""
    for unit_s, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if abs(seconds) >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {name}"
    return f"{seconds:.0f} s"
