"""This machine's clock beside those of the helpdesks: each answer of theirs says in its Date header what time they have.

A wrong clock here has signed webhooks refused, deletes what is not old and tells people that times have come. One helpdesk's
clock may be wrong as well, so ours is right where it agrees with any of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.log import get_logger
from bot.process.clock import Clock
from bot.store.helpdesks import clock_skews

log = get_logger("clock")
WARN_S = 60.0
WRONG_S = 600.0  # from here on nothing is deleted, and no time has come
SAME_S = 5.0  # a Date counts whole seconds, and an answer takes its time
KEEP_EVERY_S = 600.0


class HelpdeskClock:
    """One account's clock, as this process sees it. Any thread may tell it of an answer."""

    def __init__(self, engine: Engine, account: str, clock: Clock) -> None:
        self._engine = engine
        self._account = account
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: float | None = None
        self._kept_at = float("-inf")
        self._seen: float | None = None
        self._seen_at = float("-inf")

    def saw(self, theirs: datetime) -> None:
        """An answer that has just come says that it is `theirs` there."""
        now = self._clock()
        ahead_s = (now - theirs).total_seconds()
        with self._lock:
            self._seen, self._seen_at = ahead_s, time.monotonic()
            is_same = self._kept is not None and abs(ahead_s - self._kept) <= SAME_S
            if is_same and time.monotonic() - self._kept_at < KEEP_EVERY_S:
                return
            self._kept, self._kept_at = ahead_s, time.monotonic()
        try:
            with self._engine.begin() as connection:
                clock_skews.keep(connection, self._account, ahead_s, now)
        except SQLAlchemyError as error:  # the answer matters more
            log.warning("clock.not_kept", account=self._account, why=type(error).__name__)
        if abs(ahead_s) > WARN_S:
            log.warning("clock.differs", account=self._account, ahead_s=round(ahead_s))

    def ahead_s(self, within_s: float = 3600.0) -> float | None:
        """Seconds that our clock is ahead of theirs, seen by this process in the last hour; None where it has not looked."""
        with self._lock:
            return self._seen if time.monotonic() - self._seen_at <= within_s else None


def agreed(skews: Iterable[float]) -> float | None:
    """How far our clock is off, by the helpdesk that it agrees with most; None where nobody was asked."""
    return min(skews, key=abs, default=None)


def in_words(ahead_s: float) -> str:
    """`20 min ahead of`, `3 s behind`."""
    size, how = abs(ahead_s), "ahead of" if ahead_s > 0 else "behind"
    for unit, name in ((86_400.0, "days"), (3_600.0, "h"), (60.0, "min")):
        if size >= 2 * unit:
            return f"{size / unit:.0f} {name} {how}"
    return f"{size:.0f} s {how}"
