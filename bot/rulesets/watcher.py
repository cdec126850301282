"""Rule files that change while processes run: once they have come to rest they are taken up, or refused with the reasons.

The processes themselves read what was taken up from the database, never a file, so that a half-written one or a link that is
swapped in the midst of a run harms nobody.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine

from bot.config import Config, ConfigInvalid, load
from bot.log import get_logger
from bot.process.clock import Clock
from bot.rulesets.versions import FILES, Overtaken, Taken, take_up

log = get_logger("rules")
Signature = tuple[tuple[str, str, int, int, int], ...]


def take_up_at_start(engine: Engine, config: Config, clock: Clock) -> Taken | None:
    """What the files hold, where it may run; None where another process does the same in this moment. The last good version goes
    on where it may not: `deskhand rules` and the doctor tell why."""
    try:
        found = take_up(engine, config, clock(), author=FILES, reason="found in the files at the start")
    except Overtaken:
        return None
    if found.outcome == "taken back before":
        log.warning("rules.taken_back_before", version=found.number)
    return found


class Watcher:
    """One ticker's view of the files. A look costs a `stat` for each of them."""

    def __init__(self, engine: Engine, config: Config, clock: Clock) -> None:
        self._engine, self._config, self._clock = engine, config, clock
        self._known: Signature | None = None  # whatever changed between the start and the first look is news too
        self._coming: Signature | None = None

    def look(self) -> Taken | None:
        """Take up what has changed since the last look but one and not since the last; None where that is nothing."""
        now = self._signature()
        if now == self._known:
            self._coming = now
            return None
        if now != self._coming:  # somebody is writing: wait until they are done
            self._coming = now
            return None
        self._known = now
        self._read_config()
        try:
            return take_up(self._engine, self._config, self._clock(), author=FILES, reason="the files changed")
        except Overtaken:  # somebody took something up in this moment; look at the files again next time
            self._known = None
            return None

    def _read_config(self) -> None:
        """Which files there are, and `rule_values`, as the configuration says now: one that was changed since the start must not
        lose its new files again because of an old process."""
        try:
            self._config = load(self._config.path)
        except ConfigInvalid as error:
            log.warning("rules.config_not_read", problems=len(error.problems))
            return
        self._known = self._coming = self._signature()

    def _signature(self) -> Signature:
        return tuple(self._stats())

    def _stats(self) -> Iterator[tuple[str, str, int, int, int]]:
        for path in self._paths():
            try:
                found = path.stat()
            except OSError:
                yield str(path), "", 0, 0, 0
            else:
                yield str(path), os.path.realpath(path), found.st_ino, found.st_size, found.st_mtime_ns

    def _paths(self) -> Iterator[Path]:
        yield self._config.path
        for name in self._config.settings.rules:
            if name.startswith("pack:"):
                continue
            path = self._config.resolve(name)
            yield path
            if path.is_dir():
                yield from sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
