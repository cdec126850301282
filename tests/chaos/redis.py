"""R4: Redis is emptied, stopped, full, or wants another password while work comes in. It is a bell and never the truth: the
door answers 2xx all the time, and what no job tells of is found by the sweep when Redis is back.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.checker import judge
from tests.chaos.generator import Operation, operations
from tests.chaos.kills import Outcome, told
from tests.chaos.world import Database, World, world
from tests.harness.nursery import Starter, nursery
from tests.harness.servers import OwnRedis, redis_server

AFTER_S = 60.0  # the goal: all rows finish so long after the sweep that follows Redis' return


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`each_s`: how long each trouble lasts, and deliveries come in."""

    seed: int
    database: Database = "sqlite"
    each_s: float = 8.0
    per_s: float = 12.0
    workers: int = 3


Trouble = Callable[[OwnRedis, float], None]


def _flushed(redis: OwnRedis, seconds: float) -> None:
    """Emptied again and again: jobs vanish between their enqueueing and their start."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        redis.client.flushall()
        time.sleep(0.2)


def _stopped(redis: OwnRedis, seconds: float) -> None:
    redis.stop()
    time.sleep(seconds)
    redis.start()


def _full(redis: OwnRedis, seconds: float) -> None:
    """`-OOM command not allowed`: it answers, and takes nothing."""
    redis.set("maxmemory", "1")
    time.sleep(seconds)
    redis.set("maxmemory", "0")


def _another_password(redis: OwnRedis, seconds: float) -> None:
    """Connections are cut, and the next ones are refused."""
    with redis.client as before:
        before.config_set("requirepass", "another")
        before.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        time.sleep(seconds)
        before.config_set("requirepass", "")


TROUBLES: dict[str, Trouble] = {
    "FLUSHALL": _flushed,
    "stop": _stopped,
    "OOM": _full,
    "wrong password": _another_password,
}


def attack(wish: Wish, starter: Starter | None = None, folder: Path | None = None) -> Outcome:
    """Each trouble under load; the figure is the worst of them."""
    with ExitStack() as stack:
        made = starter or stack.enter_context(nursery())
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-redis-chaos-")))
        redis = stack.enter_context(redis_server())
        run = stack.enter_context(world(home, made, database=wish.database, workers=wish.workers, queue=redis.url))
        stream, took = operations(wish.seed), dict[str, float]()
        for name, trouble in TROUBLES.items():
            with _load(run, stream, wish):
                trouble(redis, wish.each_s)
            back = time.monotonic()
            run.finish_work(AFTER_S + 30.0)
            took[name] = time.monotonic() - back
        run.settle(120)
        found = judge(run)
    attempts = [each for desk in run.desks.values() for each in desk.webhooks.attempts]
    refused = [each for each in attempts if not 200 <= each.status < 300]
    limit_s = run.config.settings.flow.sweep_every_s + AFTER_S
    worst = max(took, key=lambda name: took[name])
    is_good = not (refused or found.complaints or found.doubles) and took[worst] <= limit_s and len(attempts) > 20
    share = 100 * (1 - len(refused) / max(1, len(attempts)))
    line = (
        f"R4 {share:.2f} % of {len(attempts)} deliveries 2xx, all rows finished {took[worst]:.1f} s after Redis was well again"
        f" (worst: {worst}), {len(found.doubles)} doubles, {wish.database}, goal 100 % and {limit_s:.0f} s"
        f" {'ok' if is_good else 'missed'}"
    )
    detail = "   " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
    more = [*map(str, found.doubles), *(f"answered {each.status} {each.answer}" for each in refused)]
    return Outcome(lines=(line, detail, *told(found, more)), is_good=is_good)


@contextmanager
def _load(run: World, stream: Iterator[Operation], wish: Wish) -> Iterator[None]:
    """People go on writing while the block lasts."""
    with run.playing(stream, per_s=wish.per_s):
        time.sleep(wish.each_s / 4)
        yield
