"""When the team works: hours by day of the week in one time zone, and holidays. A plain value in the facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_RANGE = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingHours:
    """`09:00-12:30` each; one that ends before it begins ends on the next day. `holidays`: days without hours, 2026-12-25.

    Raises ValueError for what is no zone, no hours or no day.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    timezone: str = "UTC"
    monday: tuple[str, ...] = ()
    tuesday: tuple[str, ...] = ()
    wednesday: tuple[str, ...] = ()
    thursday: tuple[str, ...] = ()
    friday: tuple[str, ...] = ()
    saturday: tuple[str, ...] = ()
    sunday: tuple[str, ...] = ()
    holidays: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        _zone(self.timezone)
        for name in DAYS:
            for each in getattr(self, name):
                _minutes(each)
        for day in self.holidays:
            _day(day)

    def covers(self, at: datetime) -> bool:
        """Whether somebody works at this moment."""
        local = at.astimezone(_zone(self.timezone))
        minute, today = local.hour * 60 + local.minute, local.date()
        if any(start <= minute and (minute < end or end <= start) for start, end in self._of(today)):
            return True
        return any(end <= start and minute < end for start, end in self._of(today - timedelta(days=1)))

    def _of(self, day: date) -> list[tuple[int, int]]:
        if day.isoformat() in self.holidays:
            return []
        return [_minutes(each) for each in getattr(self, DAYS[day.weekday()])]


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name}: no such time zone, write it like Europe/Berlin") from error


@lru_cache(maxsize=256)
def _minutes(text: str) -> tuple[int, int]:
    match = _RANGE.match(text)
    start, end = (int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])) if match else (0, 0)
    if start == end or end > 24 * 60:
        raise ValueError(f"{text}: wanted hours such as 09:00-17:30")
    return start, end


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text}: wanted a day such as 2026-12-25") from error
