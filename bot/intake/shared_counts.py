"""Counts that processes share: each keeps its own in memory, and in a file of its own that the others read.

With plain writes, not through mapped memory: where a mapped page finds no room on the disk, the system ends the process
(SIGBUS), and nothing can catch that. A write that finds none is an error, and the count stays in memory until there is room.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bot.log import Often, get_logger

log = get_logger("metrics")
often = Often(log)
MOST_PLACES = 64
RECORD_BYTES = 256  # divides a page of the disk, so no record is ever half there
_NUMBER = struct.Struct("<d")
_NAME_BYTES = RECORD_BYTES - _NUMBER.size

Name = tuple[str, ...]


def clean(folder: Path) -> None:
    """Begin at zero: call when the server starts, before its processes do."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for path in (*folder.glob("*.counts"), *folder.glob("*.db"), *folder.glob("*.slot")):  # the last two: up to version 0.1
            path.unlink(missing_ok=True)


class Place:
    """A file of one process. It is locked as long as the process lives, however that ends: who follows takes the place, and
    goes on with its counts."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle
        self._positions: dict[Name, int] = {}
        self._heads: dict[Name, tuple[int, bytes]] = {}

    def kept(self) -> dict[Name, float]:
        """What the process before counted here."""
        found: dict[Name, float] = {}
        for position, name, number in _records(self._path):
            self._positions[name] = position
            found[name] = number
        return found

    def reserve(self, records: int) -> None:
        """Have the disk set the room aside now, so that a disk that fills up later keeps no count away from the others."""
        with suppress(OSError):
            missing = records * RECORD_BYTES - os.fstat(self._handle).st_size
            if missing > 0:
                os.pwrite(self._handle, bytes(missing), records * RECORD_BYTES - missing)

    def write(self, name: Name, number: float) -> None:
        """Raises OSError where there is no room."""
        position, head = self._heads.get(name) or self._head(name)
        if os.pwrite(self._handle, head + _NUMBER.pack(number), position * RECORD_BYTES) != RECORD_BYTES:
            raise OSError("half a record")

    def _head(self, name: Name) -> tuple[int, bytes]:
        if name not in self._positions:
            taken = set(self._positions.values())
            self._positions[name] = next(number for number in itertools.count() if number not in taken)
        self._heads[name] = (self._positions[name], json.dumps(name).encode().ljust(_NAME_BYTES, b"\0"))
        return self._heads[name]

    def others(self) -> Iterator[tuple[Name, float]]:
        """What the other processes count, and what those counted whose place nobody took."""
        for path in self._path.parent.glob("*.counts"):
            if path != self._path:
                yield from ((name, number) for _, name, number in _records(path))


def _records(path: Path) -> Iterator[tuple[int, Name, float]]:
    """What reads: a record that never found room, or is none of ours, is passed over."""
    with suppress(OSError):
        kept = path.read_bytes()
        for start in range(0, len(kept) - RECORD_BYTES + 1, RECORD_BYTES):
            name = kept[start : start + _NAME_BYTES].rstrip(b"\0")
            with suppress(ValueError, TypeError):
                yield start // RECORD_BYTES, tuple(json.loads(name)), _NUMBER.unpack_from(kept, start + _NAME_BYTES)[0]


def take_place(folder: Path) -> Place | None:
    """The first that no living process holds; None where none can be had (a folder that cannot be written)."""
    for number in range(MOST_PLACES):
        path = folder / f"{number}.counts"
        try:
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            continue
        return Place(path, handle)
    return None


class Counts:
    """Numbers by name, at most `most` of them; what else is counted is counted as `beyond`. For any number of threads."""

    def __init__(self, most: int, beyond: Name, place: Place | None = None) -> None:
        self._most = most
        self._beyond = beyond
        self._place = place
        self._numbers: dict[Name, float] = place.kept() if place else {}
        self._unwritten: set[Name] = set()
        self._guard = threading.Lock()
        if place:
            place.reserve(most + 1)

    def add(self, *amounts: tuple[Name, float]) -> None:
        """Count up. Never fails: what finds no room on the disk stays in memory, and gets there when there is room again."""
        with self._guard:
            for wanted, amount in amounts:
                name = wanted if wanted in self._numbers or len(self._numbers) < self._most else self._beyond
                self._numbers[name] = self._numbers.get(name, 0.0) + amount
                self._unwritten.add(name)
            self._write()

    def _write(self) -> None:
        if self._place is None:
            self._unwritten.clear()
        refused: set[Name] = set()
        while self._place and self._unwritten:
            name = self._unwritten.pop()
            try:
                self._place.write(name, self._numbers[name])
            except OSError as error:
                refused.add(name)  # and the next is tried: its room may be there
                often.warning("metrics.not_on_disk", why=type(error).__name__)
        self._unwritten = refused or self._unwritten

    def total(self) -> dict[Name, float]:
        """Of all processes that share the folder; of this one alone where it has no place."""
        with self._guard:
            found = dict(self._numbers)
        for name, number in self._place.others() if self._place else ():
            found[name] = found.get(name, 0.0) + number
        return found
