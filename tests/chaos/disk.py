"""R5: the disk is full, then somebody holds the database. The door says 503 in time and never 2xx without a row; when the
trouble is over the same processes go on.

Full disk: RLIMIT_FSIZE of the running receivers is lowered below what the database's files have, so each write fails as it
would without space; it is raised again the same way. (SQLite; a PostgreSQL has its disk elsewhere.)
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.deliver import Attempt
from tests.chaos.checker import judge
from tests.chaos.fleet import children_of
from tests.chaos.generator import operations
from tests.chaos.kills import Outcome, told
from tests.chaos.nemesis import hold_exclusively
from tests.chaos.world import World, world
from tests.harness.nursery import Starter, nursery
from tests.harness.servers import wait_for

ANSWER_S = 2.5
RETRY_AFTER_S = (5.0, 55.0)
FULL_BYTES = 4096

MASTER_AND_RECEIVERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`rounds`: how often both troubles come; `each_s`: how long each lasts."""

    seed: int
    rounds: int = 5
    each_s: float = 6.0
    per_s: float = 15.0


def attack(wish: Wish, starter: Starter | None = None, folder: Path | None = None) -> Outcome:
    """Load, trouble, load again; judged by every answer that the senders got."""
    troubles: tuple[Callable[[World, float], None], ...] = (_full_disk, hold_exclusively)
    with ExitStack() as stack:
        made = starter or stack.enter_context(nursery())
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-disk-")))
        run = stack.enter_context(world(home, made, workers=2))
        wait_for("both receivers", lambda: len(_receivers(run)) == MASTER_AND_RECEIVERS)
        receivers = _receivers(run)
        stream, resumed = operations(wish.seed), []
        for _ in range(wish.rounds):
            for trouble in troubles:
                with run.playing(stream, per_s=wish.per_s):
                    time.sleep(0.5)
                    trouble(run, wish.each_s)
                    resumed.append(_is_served_again(run))
        run.settle(180)
        same = _receivers(run) == receivers
        found = judge(run)
    attempts = [each for desk in run.desks.values() for each in desk.webhooks.attempts]
    refused = [each for each in attempts if not 200 <= each.status < 300]
    wrong = [each for each in refused if not _is_proper(each)]
    slowest = max((each.took_s for each in refused), default=0.0)
    is_good = bool(refused) and not (wrong or found.complaints or found.doubles) and same and all(resumed)
    line = (
        f"R5 {len(found.lost)} 2xx-without-row of {found.acknowledged} deliveries, {len(refused)} refusals of which {len(wrong)}"
        f" without 503, Retry-After and {ANSWER_S} s (slowest {slowest:.2f} s), integrity"
        f" {'ok' if not found.ill else 'ill'}, {'resumed without restart' if same and all(resumed) else 'NOT RESUMED'},"
        f" goal 0 and 0 {'ok' if is_good else 'missed'}"
    )
    more = [f"answered {each.status} {each.answer!r} after {each.took_s:.2f} s" for each in wrong]
    return Outcome(lines=(line, *told(found, [*more, *map(str, found.doubles)])), is_good=is_good)


def _is_proper(attempt: Attempt) -> bool:
    wait = attempt.retry_after_s
    is_told = wait is not None and RETRY_AFTER_S[0] <= wait <= RETRY_AFTER_S[1]
    return attempt.status == 503 and is_told and attempt.took_s <= ANSWER_S


def _receivers(run: World) -> list[int]:
    """The process that listens and its workers."""
    pid = run.fleet.child("receiver").pid
    return [pid, *children_of(pid)]


def _full_disk(run: World, seconds: float) -> None:
    with _limited(_receivers(run)):
        time.sleep(seconds)


@contextmanager
def _limited(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (FULL_BYTES, hard))
    try:
        yield
    finally:
        for pid in pids:
            _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def _is_served_again(run: World, timeout_s: float = 10.0) -> bool:
    """Whether a delivery is acknowledged again soon after the trouble's end."""

    def accepted() -> int:
        return sum(200 <= each.status < 300 for desk in run.desks.values() for each in list(desk.webhooks.attempts))

    before, ends_at = accepted(), time.monotonic() + timeout_s
    while accepted() <= before + 3:
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.05)
    return True
