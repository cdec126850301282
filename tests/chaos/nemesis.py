"""What harms Deskhand: kills, pauses, a locked database, a database that restarts, a wrong clock, and helpdesks in trouble.

A nemesis draws its deeds from a seed and spreads its kills over the deliveries, so that a run of any length gets all of them.
Each deed ends by itself; `stop` ends the last ones.
"""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sandbox.faults import Fault
from tests.chaos.world import World
from tests.harness.nursery import Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """How much. `kills`: SIGKILLs over `deliveries`; `late_s`: between these times a late write is applied after its
    connection was cut; the rest: seconds between two deeds of a kind on average, None for none."""

    deliveries: int = 0
    kills: int = 0
    late_s: tuple[float, float] = (0.1, 0.8)
    fault_every_s: float | None = 0.7
    pause_every_s: float | None = 25.0
    terminate_every_s: float | None = 30.0
    lock_every_s: float | None = 20.0
    restart_every_s: float | None = 60.0
    clock_every_s: float | None = 30.0
    late_share: float = 0.15  # of the faults

    def without_processes(self) -> Harm:
        """Only the helpdesks are in trouble."""
        return replace(
            self,
            kills=0,
            pause_every_s=None,
            terminate_every_s=None,
            lock_every_s=None,
            restart_every_s=None,
            clock_every_s=None,
        )


READS = ("429", "500", "503", "hang", "drip_body", "reset_before", "stale_read", "truncate")
WRITES = ("429", "500", "502", "503", "hang", "drip_headers", "reset_before", "reset_after_commit", "truncate", "html_200")
# How each helpdesk is written to by the rule of tests/chaos/rules.yaml: tag and priority, and the note.
FIELDS = {"zendesk": "PUT", "intercom": "POST", "freshdesk": "PUT"}
NOTES = {"zendesk": ("PUT", None), "intercom": ("POST", "/reply$"), "freshdesk": ("POST", "/notes$")}
# How often each process is the victim. A receiver's workers are killed one at a time as well.
VICTIMS = {"worker": 7, "receiver": 2, "ticker": 1}


class Nemesis:
    """Does harm in threads of its own until stopped. `done` counts deeds by name."""

    def __init__(self, run: World, harm: Harm, seed: int) -> None:
        self.done: Counter[str] = Counter()
        self.failures: list[str] = []
        self._run = run
        self._harm = harm
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._kills_due = 0

    def start(self) -> None:
        harm = self._harm
        deeds: list[tuple[float | None, Callable[[random.Random], None]]] = [
            (harm.fault_every_s, self._fault),
            (harm.pause_every_s, self._pause),
            (harm.terminate_every_s, self._terminate),
            (harm.lock_every_s if self._run.postgres is None else None, self._lock),
            (harm.restart_every_s if self._run.postgres is not None else None, self._restart),
            (harm.clock_every_s, self._wrong_clock),
        ]
        self._go(self._kill_all, random.Random(self._chance.getrandbits(64)))
        for every_s, deed in deeds:
            chance = random.Random(self._chance.getrandbits(64))
            if every_s is not None:
                self._go(self._now_and_then, chance, every_s, deed)

    def stop(self, timeout_s: float = 60.0) -> None:
        """No further deeds; what lasts is ended."""
        self._over.set()
        for thread in self._threads:
            thread.join(timeout_s)
        self._run.wrong_clock.unlink(missing_ok=True)

    def finish_kills(self, timeout_s: float = 120.0) -> None:
        """Wait for the kills that are due: the stream is over."""
        ends_at = time.monotonic() + timeout_s
        while self._kills_due > self.kills and time.monotonic() < ends_at and self._threads[0].is_alive():
            time.sleep(0.05)

    @property
    def kills(self) -> int:
        return sum(count for name, count in self.done.items() if name.startswith("kill "))

    def done_of(self, kind: str) -> int:
        """How many faults of a kind were ordered."""
        return sum(count for name, count in self.done.items() if name.endswith(f" {kind}"))

    def _go(self, work: Callable[..., None], *arguments: object) -> None:
        def safely() -> None:
            try:
                work(*arguments)
            except Ended:
                pass
            except Exception as error:
                self.failures.append(f"the nemesis stumbled in {work.__name__}: {type(error).__name__}: {error}")

        self._threads.append(threading.Thread(target=safely, daemon=True, name=f"nemesis-{work.__name__}"))
        self._threads[-1].start()

    def _now_and_then(self, chance: random.Random, every_s: float, deed: Callable[[random.Random], None]) -> None:
        while not self._over.wait(chance.expovariate(1 / every_s)):
            deed(chance)

    # kills

    def _kill_all(self, chance: random.Random) -> None:
        """A kill whenever as many deliveries were sent as drawn for it, and a moment later that nobody planned."""
        first = self._run.sent()
        due = sorted(chance.uniform(0, self._harm.deliveries * 0.98) for _ in range(self._harm.kills))
        for number, count in enumerate(due, start=1):
            while self._run.sent() - first < count:
                if self._over.wait(0.01):
                    return
            self._kills_due = number
            if self._over.wait(chance.uniform(0, 0.1)):
                return
            while not self._kill(chance):
                if self._over.wait(0.02):
                    return

    def _kill(self, chance: random.Random) -> bool:
        """One SIGKILL to a process that lives."""
        kind = chance.choices(list(VICTIMS), list(VICTIMS.values()))[0]
        names = [name for name in self._run.fleet.jobs if name.startswith(kind)]
        if not names:
            return False
        name = chance.choice(names)
        if kind == "receiver" and chance.random() < 0.5:
            happened = self._run.fleet.kill_a_child_of(name, chance.randrange(8))
            self.done["kill receiver's worker"] += happened
            return happened
        if self._run.fleet.child(name).poll() is not None:
            return False
        self._run.fleet.kill(name)
        self.done[f"kill {kind}"] += 1
        return True

    # other harm to processes

    def _pause(self, chance: random.Random) -> None:
        """SIGSTOP for longer than a lease: the worker wakes up believing that the ticket is still its own."""
        workers = [name for name in self._run.fleet.jobs if name.startswith("worker")]
        child = self._run.fleet.child(chance.choice(workers))
        lease_s = self._run.config.settings.flow.lease_s
        child.signal(signal.SIGSTOP, group=True)
        self._over.wait(chance.uniform(1.2, 2.0) * lease_s)
        child.signal(signal.SIGCONT, group=True)
        self.done["pause"] += 1

    def _terminate(self, chance: random.Random) -> None:
        name = chance.choice(list(self._run.fleet.jobs))
        self._run.fleet.child(name).signal(signal.SIGTERM)
        self.done["terminate"] += 1

    def _wrong_clock(self, chance: random.Random) -> None:
        """Workers' and ticker's wall clock jumps, for some seconds, by hours back or up to a day ahead."""
        self._run.wrong_clock.write_text(str(chance.choice((-7200, 7200, 86_400))), encoding="ascii")
        self._over.wait(chance.uniform(2, 5))
        self._run.wrong_clock.unlink(missing_ok=True)
        self.done["wrong clock"] += 1

    # the database

    def _lock(self, chance: random.Random) -> None:
        hold_exclusively(self._run, chance.uniform(0.3, 4.0), self._over)
        self.done["lock"] += 1

    def _restart(self, chance: random.Random) -> None:
        assert self._run.postgres is not None
        self._run.postgres.stop()
        self._over.wait(chance.uniform(0, 2))
        self._run.postgres.start()
        self.done["database restart"] += 1

    # the helpdesks

    def _fault(self, chance: random.Random) -> None:
        desk = chance.choice(list(self._run.desks.values()))
        if len(desk.faults.pending()) < 4:
            fault = draw_fault(chance, self._harm, desk.name)
            desk.faults.add(fault)
            self.done[f"{fault.method} {fault.kind}"] += 1


def draw_fault(chance: random.Random, harm: Harm, provider: str) -> Fault:
    """The next trouble of a helpdesk."""
    note_method, note_path = NOTES[provider]
    if chance.random() < harm.late_share:
        return Fault("late_apply", method=note_method, path=note_path, seconds=chance.uniform(*harm.late_s))
    is_about_note = chance.random() < 0.5
    method = chance.choice(("GET", note_method if is_about_note else FIELDS[provider]))
    kind = chance.choice(READS if method == "GET" else WRITES)
    seconds: Mapping[str, float] = {"hang": 5.0, "stale_read": 0.5, "drip_body": 4.0, "drip_headers": 4.0}
    return Fault(
        kind,
        method=method,
        path=note_path if is_about_note and method != "GET" else None,
        times=chance.randint(1, 2),
        seconds=seconds.get(kind, 1.0),
        retry_after=1 if kind in ("429", "503") else None,
        commit=kind in ("500", "502", "html_200", "hang") and chance.random() < 0.5,
    )


def hold_exclusively(run: World, seconds: float, over: threading.Event | None = None) -> None:
    """A foreign process of the administrator holds SQLite's exclusive lock."""
    connection = sqlite3.connect(run.config.database_url.removeprefix("sqlite:///"), timeout=10, isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("BEGIN EXCLUSIVE")
        (over or threading.Event()).wait(seconds)
        connection.execute("ROLLBACK")
