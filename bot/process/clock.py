"""The clock that receiver, runs and ticker look at. Leases have their own (bot/store/database/lease_clock.py)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)
