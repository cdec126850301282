"""Does a test notice when the ledger is wrong? One small fault at a time is put into the modules that hold the promises, and
the fast tests beside them are run against it (`make mutate`).

    python -m scripts.mutate                      # all mutants of all modules
    python -m scripts.mutate --sample 8 --seed 1  # a few of them, for `make test`
    python -m scripts.mutate --only ledger --list # what would be tried

A mutant is killed when a test fails or does not end. Each runs in a child forked from this process, which has everything
loaded; the child forgets the module and whatever imported it, so that the mutated one is imported in its place. Survivors are
listed with their place; those that change nothing anybody could see are named with the reason in
tests/mutation/equivalent.yaml and do not count.

Not mutmut or cosmic-ray: they know no list of equivalents and no sample, and bring a dozen packages along.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.abc
import importlib.machinery
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from scripts.mutants import ROOT, Mutant, Target, mutants_of

EQUIVALENT = ROOT / "tests" / "mutation" / "equivalent.yaml"
GOAL_PERCENT = 85.0
CPU_S = 60  # for one mutant's tests
TIMEOUT_S = 900.0
SQLITE = ("-k", "not postgresql")
LEDGER = tuple(
    f"tests/writes/test_{about}.py"
    for about in (
        "ledger",
        "ledger_unknown",
        "ledger_conflicts",
        "refusals",
        "refusals_remembered",
        "rebasing",
        "note_claims",
        "plan_requests",
        "read_back",
        "work",
        "after_writes",
        "unsent_reply",
    )
)

TARGETS = (
    *(
        Target(module=f"bot.writes.{name}", killers=(LEDGER,))
        for name in ("ledger", "work", "read_back", "rebasing", "note_claims", "refusals", "plan_requests", "after_writes")
    ),
    Target(
        module="bot.store.tickets",
        killers=(
            ("tests/store/test_ticket_leases.py", "tests/store/test_tickets.py", *SQLITE),
            ("tests/store/test_ticket_leases.py", "tests/store/test_tickets.py", "-k", "postgresql"),
        ),
    ),
    Target(
        module="bot.store.runs",
        killers=(
            ("tests/store/test_runs.py", "tests/store/test_run_states.py", "tests/store/test_duplicate_notes.py", *SQLITE),
            LEDGER,
        ),
        without=("find", "newest", "request_counts"),
    ),
    Target(
        module="bot.scheduler.ticker",
        killers=(("tests/scheduler/test_ticker.py", "tests/scheduler/test_ticker_poll.py"),),
        only=(
            "TickerParts", "run", "tick", "_reconcile_safely", "sweep", "bring_due", "ask_again", "_provider_of", "reconcile",
            "_poll", "_store_unknown", "_is_known",
        ),
    ),
    Target(module="bot.writes.duplicate_notes", killers=(("tests/writes/test_duplicate_notes.py", *LEDGER),)),
    Target(module="bot.store.duplicate_notes", killers=(("tests/store/test_duplicate_notes.py", *SQLITE),)),
)  # fmt: skip


# running the killers


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the import system one module from a changed tree; everything else comes from its file."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> importlib.machinery.ModuleSpec | None:
        if name != self._mutant.target.module:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=str(self._mutant.target.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._mutant.tree(), str(self._mutant.target.path), "exec"), module.__dict__)


def _warm_up() -> None:
    """Load what every killer needs: the libraries above all."""
    importlib.import_module("tests.harness.servers")
    importlib.import_module("tests.store.makers")
    fast = importlib.import_module("tests.harness.bench_in_memory")
    fast.template()
    fast.rules_of(fast.RULES)


def _forget_who_knows(target: str) -> None:
    """Take this module out of memory, and whichever of ours imported it, so that the mutated one is imported in its place."""
    ours = {
        name: module for name, module in sys.modules.items() if name.partition(".")[0] in ("bot", "tests", "webhooks", "worker")
    }
    wanted = {name: _imports(module) for name, module in ours.items()}
    stale, found = set[str](), {target}
    while found - stale:
        stale |= found
        found = {name for name, imported in wanted.items() if imported & stale} | stale
    for name in stale & ours.keys():
        del sys.modules[name]
        parent, _, last = name.rpartition(".")
        if parent in sys.modules and hasattr(sys.modules[parent], last):
            delattr(sys.modules[parent], last)


def _imports(module: ModuleType) -> set[str]:
    """The names of the modules that this one's file imports, submodules taken by `from package import module` included."""
    path = getattr(module, "__file__", None)
    if not path:
        return set()
    found: set[str] = set()
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def _in_child(mutant: Mutant | None, target: Target, folder: Path) -> int:
    """Run the killers in this forked child; 0 where none of them minded. Never returns to the caller's code."""
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))  # a mutant that runs for ever is one that a test notices
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    tempfile.tempdir = str(folder)
    if mutant is not None:
        sys.meta_path.insert(0, _Mutated(mutant))
        _forget_who_knows(target.module)
    for number, killers in enumerate(target.killers):
        options = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-p", "no:randomly", f"--basetemp={folder}/{number}"]
        if (code := int(pytest.main([*options, *killers]))) != 0:
            return code
    return 0


@dataclass(slots=True)
class _Child:
    mutant: Mutant | None
    folder: Path
    started_at: float


def _start(mutant: Mutant | None, target: Target) -> tuple[int, _Child]:
    folder = Path(tempfile.mkdtemp(prefix="dh-mutant-"))
    child = _Child(mutant, folder, time.monotonic())
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = _in_child(mutant, target, folder)
        finally:
            os._exit(min(code, 100))
    return pid, child


def _collect(running: dict[int, _Child]) -> tuple[_Child, bool] | None:
    """One child that has ended, and whether its mutant was killed; None where all still run."""
    for pid, child in list(running.items()):
        done, status = os.waitpid(pid, os.WNOHANG)
        hangs = not done and time.monotonic() - child.started_at > TIMEOUT_S
        if hangs:
            os.killpg(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if done or hangs:
            del running[pid]
            shutil.rmtree(child.folder, ignore_errors=True)
            return child, hangs or os.waitstatus_to_exitcode(status) != 0
    return None


def survivors_of(mutants: Sequence[Mutant], jobs: int, tell: Callable[[str], None]) -> list[Mutant]:
    """Those that no killer minded, in order of place."""
    waiting, running = list(reversed(mutants)), dict[int, _Child]()
    alive: list[Mutant] = []
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            pid, child = _start(mutant, mutant.target)
            running[pid] = child
        ended = _collect(running)
        if ended is None:
            time.sleep(0.01)
            continue
        child, is_killed = ended
        print("." if is_killed else "S", end="", file=sys.stderr, flush=True)
        if not is_killed and child.mutant is not None:
            alive.append(child.mutant)
            tell(f"survived {child.mutant}")
    return sorted(alive, key=lambda each: (each.target.module, each.line))


def _well(targets: Sequence[Target]) -> None:
    """The killers must pass on the code as it is, or every mutant would look killed. Exits where they do not."""
    for target in targets:
        pid, child = _start(None, target)
        _, status = os.waitpid(pid, 0)
        shutil.rmtree(child.folder, ignore_errors=True)
        if os.waitstatus_to_exitcode(status) != 0:
            sys.exit(f"the tests of {target.module} fail as it is: {' '.join(target.killers[0])}")


def equivalents() -> list[dict[str, str]]:
    found: list[dict[str, str]] = YAML(typ="safe", pure=True).load(EQUIVALENT.read_text(encoding="utf-8"))["mutants"]
    return found


def _is_equivalent(mutant: Mutant, known: Sequence[dict[str, str]]) -> bool:
    place = str(mutant.target.path.relative_to(ROOT))
    return any((each["in"], each["before"], each["after"]) == (place, mutant.before, mutant.after) for each in known)


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Put small faults into the ledger's modules and see whether tests notice.")
    parser.add_argument("--only", help="this module alone, e.g. ledger or bot.store.duplicate_notes")
    parser.add_argument("--sample", type=int, help="so many mutants, drawn at random")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true", help="show the mutants and run nothing")
    given = parser.parse_args(words)
    os.chdir(ROOT)
    targets = [each for each in TARGETS if given.only in (None, each.name, each.module)]
    known = equivalents()
    every = [mutant for target in targets for mutant in mutants_of(target) if not _is_equivalent(mutant, known)]
    chosen = random.Random(given.seed).sample(every, min(given.sample, len(every))) if given.sample else every
    if given.list:
        for mutant in chosen:
            print(mutant)
        return 0
    _warm_up()
    started_at = time.monotonic()
    _well([target for target in targets if any(mutant.target is target for mutant in chosen)])
    alive = survivors_of(chosen, given.jobs, lambda line: print(line, flush=True))
    killed = 100.0 * (len(chosen) - len(alive)) / max(1, len(chosen))
    for target in targets:
        of_target = [mutant for mutant in chosen if mutant.target is target]
        left = sum(mutant.target is target for mutant in alive)
        if of_target:
            print(f"{target.module}: {len(of_target) - left} of {len(of_target)} killed")
    print(f"{len(known)} known to change nothing left out, seed {given.seed}, {time.monotonic() - started_at:.0f} s")
    is_met = killed >= GOAL_PERCENT
    print(f"R19 {killed:.1f} % of {len(chosen)} mutants goal >= {GOAL_PERCENT:.0f} {'ok' if is_met else 'missed'}")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
