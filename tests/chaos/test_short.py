"""Chaos in short, at every `make test`: a dozen kills on each database, fifty at night, and the other troubles with short times.

The figures that count come from the long forms (`make chaos` and its neighbours); a seed that found something is added here.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.chaos import disk, killresume, kills, redis, term
from tests.chaos.checker import judge
from tests.chaos.generator import operations
from tests.chaos.kills import Outcome, Wish
from tests.chaos.nemesis import Harm
from tests.chaos.world import Database, world
from tests.harness.nightly import size
from tests.harness.nursery import Nursery, nursery, spawned

pytestmark = pytest.mark.timeout(400)
HARD = Harm(pause_every_s=6.0, terminate_every_s=6.0, lock_every_s=6.0, restart_every_s=9.0, clock_every_s=6.0, fault_every_s=0.4)


@pytest.fixture(scope="module")
def nursed() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


def assert_good(outcome: Outcome) -> None:
    assert outcome.is_good, "\n".join(outcome.lines)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_kills_lose_nothing_and_double_nothing(tmp_path: Path, nursed: Nursery, database: Database) -> None:
    events, dead = size(80, 300), size(12, 50)
    wish = Wish(
        seed=20, database=database, events=events, kills=dead, beyond=0, workers=4, harm=HARD, flow={"reconcile_every_s": 4.0}
    )

    assert_good(kills.attack(wish, nursed, tmp_path))


def test_true_processes_lose_nothing_either(tmp_path: Path) -> None:
    """`python -m webhooks` and `python -m worker`, as a service manager starts them; each is killed once."""
    with spawned() as starter, world(tmp_path, starter, workers=1) as run:
        for operation in islice(operations(5), 12):
            run.do(operation)
        for name in run.fleet.jobs:
            run.fleet.kill(name)
        for operation in islice(operations(5), 12, 24):
            run.do(operation)
        run.settle(120)
        found = judge(run)

    assert not found.complaints
    assert not found.doubles
    assert {name for name, code in run.fleet.ended if code == -signal.SIGKILL} == {*run.fleet.jobs}


def test_redis_in_trouble_costs_no_delivery(tmp_path: Path, nursed: Nursery) -> None:
    assert_good(redis.attack(redis.Wish(seed=21, each_s=size(5, 15) / 10, workers=2), nursed, tmp_path))


def test_a_full_disk_and_a_locked_database_are_told_in_time(tmp_path: Path, nursed: Nursery) -> None:
    assert_good(disk.attack(disk.Wish(seed=22, rounds=1, each_s=3.0), nursed, tmp_path))


def test_sigterm_leaves_no_lease(tmp_path: Path, nursed: Nursery) -> None:
    assert_good(term.attack(term.Wish(seed=23, times=size(3, 6), workers=3), nursed, tmp_path))


@pytest.mark.parametrize("queue", ["embedded", "rq"])
def test_a_killed_workers_ticket_is_taken_over(tmp_path: Path, nursed: Nursery, queue: str) -> None:
    assert_good(killresume.attack(killresume.Wish(seed=24, trials=size(2, 4), queue=queue, lease_s=2.0), nursed, tmp_path))
