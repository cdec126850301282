"""Deskhand's processes kept alive, as `deskhand up` or a service manager would: what ends is started again, until it is over."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness.nursery import Child, Starter, end

KILLED = -signal.SIGKILL
ASKED = (0, KILLED, -signal.SIGTERM)  # SIGTERM before a child has come so far as to listen to it
END = (0, -signal.SIGTERM)
AWAY = b"the database cannot be used"  # said with exit code 1: whoever keeps processes alive tries again
QUICK_S = 1.0  # what ends sooner than this after its start is not started again at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A process to keep: the module and its arguments, and what it starts with."""

    module: str
    arguments: tuple[str, ...]
    clock: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)


class Fleet:
    """Named processes. `ended` counts exit codes by name; `failures` are those that nobody asked for."""

    def __init__(self, starter: Starter, jobs: Mapping[str, Job], logs: Path) -> None:
        self.jobs = dict(jobs)
        self.ended: Counter[tuple[str, int]] = Counter()
        self.failures: list[str] = []
        self._starter = starter
        self._logs = logs
        self._children: dict[str, Child] = {}
        self._started: dict[str, float] = {}
        self._over = threading.Event()
        self._lock = threading.RLock()
        self._thread = threading.Thread(target=self._keep, name="fleet", daemon=True)

    def start(self, names: Iterable[str] = ()) -> None:
        """These, or all that do not run yet."""
        with self._lock:
            for name in names or [each for each in self.jobs if each not in self._children]:
                self._start(name)
        if not self._thread.is_alive():
            self._thread.start()

    def age_s(self, name: str) -> float:
        """For how long it has been running."""
        with self._lock:
            return time.monotonic() - self._started[name]

    def child(self, name: str) -> Child:
        with self._lock:
            return self._children[name]

    def kill(self, name: str) -> None:
        """SIGKILL to it and all that it started."""
        with self._lock:
            self._children[name].signal(signal.SIGKILL, group=True)

    def kill_a_child_of(self, name: str, which: int) -> bool:
        """SIGKILL to one process that it started (a gunicorn worker); False where it has none just now."""
        with self._lock:
            inner = children_of(self._children[name].pid)
            if not inner:
                return False
            with contextlib.suppress(ProcessLookupError):
                os.kill(inner[which % len(inner)], signal.SIGKILL)
            return True

    def end(self, timeout_s: float = 90.0) -> dict[str, int]:
        """SIGTERM to all; their exit codes, {} the second time. Whoever needed a SIGKILL is among the failures. How long
        an end may take is asked elsewhere (term.py), here that it comes."""
        if self._over.is_set():
            return {}
        self._over.set()
        if self._thread.is_alive():
            self._thread.join()
        alive = {name: child for name, child in self._children.items() if child.poll() is None}
        for child in alive.values():
            child.signal(signal.SIGCONT, group=True)
            child.signal(signal.SIGTERM)
        codes = {name: end(child, timeout_s) for name, child in alive.items()}
        self.failures += [f"{name} did not end in order: {code}" for name, code in codes.items() if code not in END]
        return codes

    def _start(self, name: str) -> None:
        job = self.jobs[name]
        log = self._logs / f"{name}.log"
        self._children[name] = self._starter.start(
            job.module, *job.arguments, log=log, environment=job.environment, clock=job.clock
        )
        self._started[name] = time.monotonic()

    def _says_why(self, name: str) -> bool:
        """Whether it could not start because the database was away, and said so."""
        with (self._logs / f"{name}.log").open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 300))
            return AWAY in log.read()

    def _keep(self) -> None:
        while not self._over.wait(0.03):
            for name in [*self._children]:
                with self._lock:
                    code = self._children[name].poll()
                    if code is None:
                        continue
                    if code not in ASKED and self.age_s(name) < QUICK_S:
                        continue
                    self.ended[name, code] += 1
                    if code not in ASKED and not self._says_why(name):
                        self.failures.append(f"{name} ended by itself: {code}, see {name}.log")
                    self._start(name)


def children_of(pid: int) -> list[int]:
    """The living children of a process, oldest first."""
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
