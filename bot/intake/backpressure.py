"""Whether the receiver should take more in: is there room on the disk, and does the work keep up?

Looked at once a second by a thread of its own, and only while deliveries come: no request waits for the answer.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Config
from bot.log import get_logger
from bot.process.clock import utc_now
from bot.shared.helpdesk_clock import agreed, in_words
from bot.store import deliveries
from bot.store.database.engine import reading
from bot.store.helpdesks import clock_skews

log = get_logger("pressure")
LOOK_EVERY_S = 1.0
CLOCK_EVERY_S = 5.0
MIN_FREE_BYTES = 200_000_000
MIN_FREE_SHARE = 0.02  # of a small disk


class Pressure:
    """Ask `trouble` at each delivery; the first ones of a process are answered before anybody has looked."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self._config = config
        self._engine = engine
        self._trouble = ""
        self._clock_trouble = ""
        self._clock_looked_at = float("-inf")
        self._asked = threading.Event()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def trouble(self) -> str:
        """Why to refuse now, for the sender and the log; "" where all is well."""
        if not self._asked.is_set():
            self._start()
            self._asked.set()
        return self._trouble

    def look(self) -> str:
        """As `trouble`, looked at now."""
        return self._disk() or self._backlog()

    def clock_trouble(self) -> str:
        """Why signed times cannot be judged now; "" where this machine's clock agrees with a helpdesk's, or nobody knows.
        Asked only about a delivery whose signature is right: a short read, every few seconds at most."""
        if time.monotonic() - self._clock_looked_at > CLOCK_EVERY_S:
            self._clock_looked_at = time.monotonic()
            try:
                self._clock_trouble = self.look_at_clock()
            except SQLAlchemyError:
                self._clock_trouble = ""
        return self._clock_trouble

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pressure", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Look no more: whoever closes the database afterwards does not find it open again."""
        self._closed.set()
        self._asked.set()
        if self._thread is not None:
            self._thread.join(5.0)

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._closed.is_set():
                return
            try:
                found = self.look()
            except Exception as error:  # unknown is not a reason to refuse: a commit that fails will say so
                log.error("pressure.unknown", why=type(error).__name__)
                found = ""
            if found != self._trouble:
                log.warning("pressure.changed", why=found or "over")
            self._trouble = found
            self._closed.wait(LOOK_EVERY_S)

    def look_at_clock(self) -> str:
        """As `clock_trouble`, looked at now. Raises SQLAlchemyError."""
        with reading(self._engine) as connection:
            ahead_s = agreed(each.ahead_s for each in clock_skews.recent(connection, utc_now()))
        windows = [each.webhook.replay_window_s for each in self._config.settings.accounts]
        if ahead_s is None or abs(ahead_s) <= min(windows) / 2:
            return ""
        return f"this machine's clock is {in_words(ahead_s)} the helpdesks'"

    def _disk(self) -> str:
        """SQLite's disk; a database elsewhere knows its own."""
        path = self._config.database_url.removeprefix("sqlite:///")
        if path == self._config.database_url:
            return ""
        disk = os.statvfs(Path(path).parent)
        wanted = self._config.settings.server.min_free_bytes
        if wanted is None:
            wanted = min(MIN_FREE_BYTES, int(disk.f_blocks * disk.f_frsize * MIN_FREE_SHARE))
        return "the disk is nearly full" if disk.f_bavail * disk.f_frsize < wanted else ""

    def _backlog(self) -> str:
        most = self._config.settings.server.max_backlog
        if not most:
            return ""
        try:
            with reading(self._engine) as connection:
                return "too many deliveries wait" if deliveries.backlog_reaches(connection, most) else ""
        except SQLAlchemyError:
            return ""
