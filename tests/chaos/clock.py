"""A wrong wall clock for one process of a nursery, without a preloaded library: `datetime.now` of Deskhand's own modules goes
wrong by the seconds that a file holds; the monotonic clock and the database's own stay right, as on a host whose clock jumps.
"""

from __future__ import annotations

import importlib
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

# Every module of ours that asks for the time; a test compares this list with the sources.
ASKING = (
    "adapters.freshdesk.api",
    "adapters.intercom.hydrate",
    "adapters.intercom.requests",
    "adapters.transport",
    "adapters.zendesk.hydrate",
    "bot.pipeline.draft_feedback",
    "bot.process.clock",
)


class _Wrong(type):
    """Stands in for the class `datetime` where a module looks it up: everything but `now` is the true one's."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)

    def __call__(cls, *arguments: Any, **named: Any) -> datetime:
        return datetime(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        return getattr(datetime, name)


def wear(file: Path) -> None:
    """From now on this process's clock is wrong by the seconds in `file` (none where it is not there)."""

    class Wrong(metaclass=_Wrong):
        @staticmethod
        def now(tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(seconds=_seconds(file))

    for name in ASKING:
        importlib.import_module(name).__dict__["datetime"] = Wrong


def _seconds(file: Path) -> float:
    try:
        return float(file.read_text(encoding="ascii") or 0)
    except (OSError, ValueError):
        return 0.0
