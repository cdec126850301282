"""A sign of life in the database, so that the doctor and the metrics can say who works, and whether nobody does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.log import get_logger
from bot.process.background import beside
from bot.process.clock import Clock, utc_now
from bot.process.ids import owner_name
from bot.store import processes
from bot.store.processes import Role

log = get_logger("pulse")
EVERY_S = 30.0


class Pulse:
    """The signs of one process in one role. A database that is away costs a sign, never the process."""

    def __init__(self, engine: Engine, role: Role, clock: Clock = utc_now, name: str | None = None) -> None:
        self._engine = engine
        self._role: Role = role
        self._clock = clock
        self._name = name or owner_name()
        self._version = version("deskhand")
        self._beat_at = float("-inf")

    def beat(self) -> None:
        """Give a sign, if the last one is old enough."""
        if time.monotonic() - self._beat_at < EVERY_S:
            return
        self._beat_at = time.monotonic()
        try:
            with self._engine.begin() as connection:
                processes.seen(connection, self._name, self._role, self._version, self._clock())
        except SQLAlchemyError as error:
            log.warning("pulse.missed", why=type(error).__name__)

    def end(self) -> None:
        """The process ends in order: nobody waits for its next sign."""
        try:
            with self._engine.begin() as connection:
                processes.gone(connection, self._name)
        except SQLAlchemyError as error:
            log.warning("pulse.missed", why=type(error).__name__)

    def let_go(self) -> None:
        """Keep no connection open: before a fork."""
        self._engine.dispose()

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Signs from a thread of its own while this lasts. Not in a process that forks later."""

        def go_on(over: threading.Event) -> None:
            self.beat()
            while not over.wait(EVERY_S / 3):
                self.beat()

        try:
            with beside("pulse", go_on):
                yield
        finally:
            self.end()
