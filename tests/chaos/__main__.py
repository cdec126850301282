"""`python -m tests.chaos NAME --seed 7 ...`: harm Deskhand, then judge. What the names mean and print: docs/chaos.md."""

from __future__ import annotations

import argparse
import math
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.chaos import disk, killresume, kills, redis, term
from tests.chaos.kills import Outcome
from tests.harness.deskhand import PROVIDERS
from tests.harness.nursery import ROOT


def _kills(chosen: argparse.Namespace) -> Outcome:
    wish = kills.Wish(
        seed=chosen.seed,
        database=chosen.database,
        events=chosen.events,
        kills=chosen.kills,
        beyond=chosen.beyond,
        workers=chosen.workers,
        per_s=chosen.per_second,
        at_most_s=60 * chosen.minutes,
        providers=chosen.provider or PROVIDERS,
    )
    return kills.attack(wish, folder=chosen.keep)


def _redis(chosen: argparse.Namespace) -> Outcome:
    return redis.attack(redis.Wish(seed=chosen.seed, database=chosen.database), folder=chosen.keep)


def _disk(chosen: argparse.Namespace) -> Outcome:
    return disk.attack(disk.Wish(seed=chosen.seed), folder=chosen.keep)


def _term(chosen: argparse.Namespace) -> Outcome:
    return term.attack(term.Wish(seed=chosen.seed, database=chosen.database, times=chosen.times), folder=chosen.keep)


def _killresume(chosen: argparse.Namespace) -> Outcome:
    wish = killresume.Wish(seed=chosen.seed, database=chosen.database, trials=chosen.trials, queue=chosen.queue)
    return killresume.attack(wish, folder=chosen.keep)


def _killpoints(chosen: argparse.Namespace) -> Outcome:
    """R3: the checkpoints have no chance in them, so they are tests; this runs them and says how many there were."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/process/test_failpoints.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    counts = {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|error)", done.stdout)}
    failed = sum(counts.values()) - counts.get("passed", 0)
    is_good = done.returncode == 0 and failed == 0
    told = f"R3 {failed} of {sum(counts.values())} kill points with another end than exactly once"
    line = f"{told}, goal 0 {'ok' if is_good else 'missed'}"
    return Outcome(lines=(line, *(() if is_good else done.stdout.splitlines()[-30:])), is_good=is_good)


NAMES: dict[str, Callable[[argparse.Namespace], Outcome]] = {
    "kills": _kills,
    "redis": _redis,
    "disk": _disk,
    "term": _term,
    "killresume": _killresume,
    "killpoints": _killpoints,
}


def main() -> int:
    """0 where every goal is met, 1 where one is missed. The last lines are the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="Harm Deskhand, then judge.")
    parser.add_argument("name", choices=list(NAMES))
    parser.add_argument("--seed", type=int, help="repeats what was done; drawn and printed where none is given")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--provider", action="append", choices=list(PROVIDERS), help="kills: only this one; again for two")
    parser.add_argument("--events", type=int, default=20_000, help="kills: deliveries of the first part")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--beyond", type=int, default=600, help="kills: deliveries of the part with writes after the settle time")
    parser.add_argument("--workers", type=int, default=8, help="kills: worker processes")
    parser.add_argument("--per-second", type=float, default=40.0, help="kills: deliveries a second at most")
    parser.add_argument("--minutes", type=float, default=math.inf, help="kills: the first part takes in no more after so long")
    parser.add_argument("--times", type=int, default=100, help="term: how many SIGTERM")
    parser.add_argument("--trials", type=int, default=60, help="killresume: how many kills")
    parser.add_argument("--queue", choices=["embedded", "rq"], default="embedded", help="killresume: the bell")
    parser.add_argument("--keep", type=Path, help="a new folder for database and logs, which stays")
    chosen = parser.parse_args()
    if chosen.seed is None:
        chosen.seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {chosen.seed}", flush=True)
    if chosen.keep:
        chosen.keep.mkdir()
    outcome = NAMES[chosen.name](chosen)
    print(*outcome.lines, sep="\n")
    return 0 if outcome.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
