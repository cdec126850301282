"""R16: SIGTERM under load, again and again. A worker finishes its action, gives its lease back and ends; nobody has to wait for
a lease to run out, and nothing is written twice.
"""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from bot.store.database.engine import reading
from bot.store.database.schema import tickets
from tests.chaos.checker import judge
from tests.chaos.generator import operations
from tests.chaos.kills import Outcome, told
from tests.chaos.world import Database, World, world
from tests.harness.nursery import Starter, nursery, wait

EXIT_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`times`: how many SIGTERMs."""

    seed: int
    database: Database = "sqlite"
    times: int = 100
    workers: int = 6
    per_s: float = 25.0
    lease_s: float = 60.0  # long: a lease that was not given back would still be held when we look


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    name: str
    code: int
    took_s: float
    leases: Sequence[str]


def attack(wish: Wish, starter: Starter | None = None, folder: Path | None = None) -> Outcome:
    """SIGTERM to one process after the other while people go on writing."""
    chance = random.Random(wish.seed)
    with ExitStack() as stack:
        made = starter or stack.enter_context(nursery())
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-term-")))
        flow = {"lease_s": wish.lease_s}
        run = stack.enter_context(world(home, made, database=wish.database, workers=wish.workers, flow=flow))
        ended: list[_Ended] = []
        with run.playing(operations(wish.seed), per_s=wish.per_s):
            time.sleep(1.0)
            while len(ended) < wish.times:
                ended.append(_terminate(run, chance.choice([*run.fleet.jobs, *_workers(run)])))
                time.sleep(chance.uniform(0, 0.2))
        run.settle(240)
        found = judge(run)
    left = [f"{each.name} ended with {each.code} and left {ticket}" for each in ended for ticket in each.leases]
    late = [f"{each.name} took {each.took_s:.1f} s" for each in ended if each.took_s > EXIT_S]
    codes = [f"{each.name} ended with {each.code}" for each in ended if each.code != 0]
    slowest = max(each.took_s for each in ended)
    is_good = not (left or late or codes or found.complaints or found.doubles)
    line = (
        f"R16 {len(left)} unfinished leases after {len(ended)} SIGTERM, slowest exit {slowest:.1f} s, {len(found.doubles)}"
        f" doubles of {found.notes} notes, {wish.database}, goal 0, {EXIT_S:.0f} s and 0 {'ok' if is_good else 'missed'}"
    )
    return Outcome(lines=(line, *told(found, [*left, *late, *codes, *map(str, found.doubles)])), is_good=is_good)


def _workers(run: World) -> list[str]:
    return [name for name in run.fleet.jobs if name.startswith("worker")]


def _terminate(run: World, name: str) -> _Ended:
    """SIGTERM to a process that listens to it, and what it leaves behind."""
    while not _listens(run.fleet.child(name).pid):
        time.sleep(0.05)
    child = run.fleet.child(name)
    started = time.monotonic()
    child.signal(signal.SIGTERM)
    code = wait(child, 4 * EXIT_S)
    took_s = time.monotonic() - started
    with reading(run.engine) as connection:
        held = connection.execute(select(tickets.c.external_id).where(tickets.c.lease_owner.contains(f":{child.pid}:"))).scalars()
        return _Ended(name=name, code=code, took_s=took_s, leases=tuple(held))


def _listens(pid: int) -> bool:
    """Whether it has a handler for SIGTERM: before that, the signal ends it as it would end any program."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return False
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(caught >> (signal.SIGTERM - 1) & 1)
