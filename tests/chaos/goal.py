"""What the scenarios' commands share: the seed is printed first, one line for machines comes last.

def main() -> int: return command("R15", "plans that differ", 1000, lambda seed, count: shown(...))
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.log import set_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A goal of reliability.md section 4 and what a run showed. `figure` and `wanted` hold no spaces, so that scripts can split
    the line; `notes` are for people."""

    goal: str
    figure: str
    wanted: str
    is_ok: bool
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.goal} {self.figure} {self.wanted} {'ok' if self.is_ok else 'missed'}"


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder for a run's database, in memory where the machine has such a place: many commits, and no power is cut."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix=f"dh-{name}-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def zero(goal: str, found: int, notes: tuple[str, ...] = ()) -> Shown:
    """A goal of none at all."""
    return Shown(goal=goal, figure=str(found), wanted="0", is_ok=found == 0, notes=notes)


def command(about: str, count: int, scenario: Callable[[int, int], Shown]) -> int:
    """Run `scenario(seed, count)` as the command line wants it: 0, or 1 where the goal is missed."""
    arguments = argparse.ArgumentParser(description=about)
    arguments.add_argument("--seed", type=int, default=None, help="repeats a run; a new one otherwise")
    arguments.add_argument("--count", type=int, default=count, help=f"how many ({count})")
    chosen = arguments.parse_args()
    seed = random.SystemRandom().randrange(1_000_000) if chosen.seed is None else chosen.seed
    print(f"seed {seed}", flush=True)
    set_up("critical")
    shown = scenario(seed, chosen.count)
    for note in shown.notes:
        print(note)
    print(shown)
    sys.stdout.flush()
    return 0 if shown.is_ok else 1
