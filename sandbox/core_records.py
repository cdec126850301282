"""Stored records with a short past: current state for everyone, the state of N seconds ago for a stale read.

A record is one ticket in its vendor's own shape, with everything that belongs to it (comments, audits), as one dict
of plain JSON values (text keys). Change it inside the desk's lock and call `save`, which keeps a version of it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

Record = dict[str, Any]
_KEEP = timedelta(seconds=120)


class _AsOf(threading.local):
    moment: datetime | None = None


class Records:
    """Records by external id, in order of creation. Callers hold the desk's lock."""

    def __init__(self) -> None:
        self._now: dict[str, Record] = {}
        self._versions: dict[str, list[tuple[datetime, str]]] = {}
        self._touched: dict[str, str | None] | None = None
        self._as_of = _AsOf()

    def add(self, key: str, record: Record, at: datetime) -> Record:
        self._remember(key)
        self._now[key] = record
        self.save(key, at)
        return record

    def get(self, key: str) -> Record | None:
        """The record, or None. During a stale read: a copy of what it was then."""
        moment = self._as_of.moment
        if moment is None:
            if key in self._now:
                self._remember(key)
            return self._now.get(key)
        past = [kept for at, kept in self._versions.get(key, []) if at <= moment]
        return json.loads(past[-1]) if past else None

    def save(self, key: str, at: datetime) -> None:
        """Keep the record as it is now as a version."""
        versions = self._versions.setdefault(key, [])
        versions.append((at, json.dumps(self._now[key])))
        while len(versions) > 2 and versions[1][0] < at - _KEEP:
            del versions[0]

    def keys(self) -> list[str]:
        return list(self._now)

    def all(self) -> list[Record]:
        """All records as `get` gives them."""
        found = [self.get(key) for key in self._now]
        return [record for record in found if record is not None]

    @contextmanager
    def as_of(self, moment: datetime) -> Iterator[None]:
        """Reads of this thread see the state at `moment`."""
        self._as_of.moment = moment
        try:
            yield
        finally:
            self._as_of.moment = None

    @contextmanager
    def undone(self) -> Iterator[None]:
        """All changes inside are taken back at the end."""
        self._touched = {}
        counts = {key: len(kept) for key, kept in self._versions.items()}
        try:
            yield
        finally:
            for key, before in self._touched.items():
                if before is None:
                    self._now.pop(key, None)
                    self._versions.pop(key, None)
                else:
                    self._now[key] = json.loads(before)
                    del self._versions[key][counts.get(key, 0) :]
            self._touched = None

    def _remember(self, key: str) -> None:
        if self._touched is not None and key not in self._touched:
            self._touched[key] = json.dumps(self._now[key]) if key in self._now else None
