"""`python -m bench [P1 intake ...] [--pairs N] [--short]`: one line a goal, `P<n> <figure> <goal> ok|missed`, and lines from `# `
that explain. Exit 1 where a goal is missed, 2 where one is named that does not exist.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from bench.goals import Goal, Size, chosen


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m bench", description="Measure Deskhand against its goals.")
    arguments.add_argument("names", nargs="*", metavar="GOAL", help="goals (P1) or topics (intake); all without one")
    arguments.add_argument("--pairs", type=int, help="how often baseline and product are measured in turn (7; short: 3)")
    arguments.add_argument("--short", action="store_true", help="less work: all goals in under ten minutes")
    told = arguments.parse_args()
    try:
        goals = chosen(told.names)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    size = Size(pairs=told.pairs or (3 if told.short else 7), is_short=told.short)
    missed = 0
    for goal in goals:
        for line in measured(goal, size):
            if not line.startswith("# "):
                missed += goal.gates and line.endswith(" missed")
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 1 if missed else 0


def measured(goal: Goal, size: Size) -> Iterator[str]:
    """The lines of one goal: what it is, the notes, the verdict."""
    started = time.monotonic()
    outcome = goal.measure(size)
    kind = "" if goal.gates else " (a report: it fails nothing)"
    yield f"# {goal.name}: {goal.title}{kind}"
    yield from (f"#   {note}" for note in outcome.notes)
    yield f"#   measured in {time.monotonic() - started:.0f} s"
    yield f"{goal.name} {outcome.figure} {outcome.goal} {'ok' if outcome.is_met else 'missed'}"


if __name__ == "__main__":
    sys.exit(main())
