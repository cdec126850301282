"""The clock that receiver, runs and ticker look at."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.process.clock import Clock, utc_now


def test_now_is_aware_and_in_utc() -> None:
    clock: Clock = utc_now
    before = datetime.now(UTC)

    now = clock()

    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)
