"""Slowly changing data of a helpdesk account (people, companies, teams, macros), kept in the database for all workers."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.ticket import Json
from bot.process.ids import new_id
from bot.store import accounts
from bot.store.database.engine import reading

READ_S = 20.0  # how long others wait for the one who reads


LOOK_S = 0.03


class SharedCache:
    """People, companies, teams, macros and our own user, kept for all workers (adapters.helpdesk.ReferenceCache)."""

    def __init__(self, engine: Engine, account: str, most_s: float, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._account = account
        self._most_s = most_s
        self._clock = clock

    def get(self, name: str, max_age_s: float) -> Json | None:
        since = self._clock() - timedelta(seconds=min(max_age_s, self._most_s))
        with reading(self._engine) as connection:
            return accounts.get_reference(connection, self._account, name, since)

    def put(self, name: str, value: Json) -> None:
        with self._engine.begin() as connection:
            accounts.put_reference(connection, self._account, name, value, self._clock())

    def once(self, name: str, max_age_s: float, fetch: Callable[[], Json]) -> Json:
        """The value kept under `name`, else what `fetch` reads. Of all workers that miss it at once one reads and the others
        wait for it, at most READ_S: where the reader died, each reads for itself."""
        ends_at = time.monotonic() + READ_S
        reader = _Reader(self._engine, self._account, name)
        while (kept := self.get(name, max_age_s)) is None:
            if reader.may_read() or time.monotonic() > ends_at:
                with reader.reading():
                    if (kept := self.get(name, max_age_s)) is None:  # it may have come between the look and the lock
                        kept = fetch()
                        self.put(name, kept)
                return kept
            time.sleep(LOOK_S)
        return kept


class _Reader:
    """The right to read one name of one account from the helpdesk."""

    def __init__(self, engine: Engine, account: str, name: str) -> None:
        self._engine = engine
        self._lock = f"read:{hashlib.sha256(f'{account}:{name}'.encode()).hexdigest()[:32]}"
        self._owner = new_id()

    def may_read(self) -> bool:
        with self._engine.begin() as connection:
            return accounts.hold_lock(connection, self._lock, self._owner, READ_S)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The lock is given back however the read ends: the next in the row tries for itself."""
        try:
            yield
        finally:
            with self._engine.begin() as connection:
                accounts.leave_lock(connection, self._lock, self._owner)
