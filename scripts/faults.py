"""`make faults`: runs the fault catalogue and prints one line per id, then whether the goal is met.

    F07 P0 green tests/faults/intake/test_F07_….py (3 tests)
    R9 P0 44/44 P1 60/62 goal P0 100 % P1 >= 90 % ok

green: at least one test and none that failed; red: one failed; missing: no file, or no test in it that ran; not yet: its part
of Deskhand is not built. Exit 1 where the goal is missed. `--list` runs nothing and says which ids have a file.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.faults import catalogue  # noqa: E402  # found through the line above
from tests.faults.catalogue import Case  # noqa: E402

ENOUGH_P1 = 0.9
Outcomes = Mapping[str, tuple[int, int]]  # file name -> tests that ran, tests that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One id's state, and where it stands or what it waits for."""

    id: str
    priority: str
    state: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.id:4} {self.priority} {self.state:7} {self.where}".rstrip()


def lines(cases: Sequence[Case], paths: Mapping[str, Sequence[Path]], outcomes: Outcomes) -> list[Line]:
    """A line for each case."""
    return [_line(case, paths.get(case.id, ()), outcomes) for case in cases]


def _line(case: Case, paths: Sequence[Path], outcomes: Outcomes) -> Line:
    ran = sum(outcomes.get(path.name, (0, 0))[0] for path in paths)
    failed = sum(outcomes.get(path.name, (0, 0))[1] for path in paths)
    if ran:
        names = ", ".join(os.path.relpath(path, ROOT) for path in paths)
        where = f"{names} ({ran} test{'s' if ran > 1 else ''}{f', {failed} failed' if failed else ''})"
        return Line(id=case.id, priority=case.priority, state="red" if failed else "green", where=where)
    if case.not_yet:
        return Line(id=case.id, priority=case.priority, state="not yet", where=f"{case.title} ({case.part}: {case.not_yet})")
    return Line(id=case.id, priority=case.priority, state="missing", where=case.title)


def summary(found: Sequence[Line]) -> tuple[str, bool]:
    """The last line, and whether the goal is met. What is not built yet counts on neither side."""
    counted = [line for line in found if line.state != "not yet"]
    p0 = [line.state == "green" for line in counted if line.priority == "P0"]
    p1 = [line.state == "green" for line in counted if line.priority == "P1"]
    is_met = all(p0) and sum(p1) >= ENOUGH_P1 * len(p1)
    counts = f"P0 {sum(p0)}/{len(p0)} P1 {sum(p1)}/{len(p1)}"
    return f"R9 {counts} goal P0 100 % P1 >= 90 % {'ok' if is_met else 'missed'}", is_met


def run(paths: Sequence[Path], jobs: str) -> dict[str, tuple[int, int]]:
    """Run these files with pytest, its own output on stderr; tests that ran and that failed, by file."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "scripts.no_skips", "-n", jobs, "--dist", "worksteal"]
        subprocess.run([*command, f"--junitxml={report}", *map(str, paths)], cwd=ROOT, stdout=sys.stderr, check=False)
        return read_report(report) if report.exists() else {}


def read_report(report: Path) -> dict[str, tuple[int, int]]:
    """What a JUnit report says of each file. A file that cannot even be imported counts as one test that failed."""
    found: dict[str, tuple[int, int]] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        is_bad = any(case.find(word) is not None for word in ("failure", "error", "skipped"))
        module = (case.get("classname") or case.get("name") or "").rsplit(".", 1)[-1]
        ran, failed = found.get(f"{module}.py", (0, 0))
        found[f"{module}.py"] = (ran + 1, failed + is_bad)
    return found


def main() -> int:
    """0: the goal is met. 1: it is missed. 2: the catalogue and its files do not agree."""
    arguments = argparse.ArgumentParser(prog="make faults", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("ids", nargs="*", metavar="ID", help="only these, for example F07")
    arguments.add_argument("--list", action="store_true", help="run nothing: say which ids have a file and which have none")
    chosen = arguments.parse_args()
    cases, paths = catalogue.load(), catalogue.files()
    if wrong := catalogue.mistakes(cases):
        sys.stderr.write("\n".join(wrong) + "\n")
        return 2
    if chosen.ids:
        cases = tuple(case for case in cases if case.id in chosen.ids)
    files = [path for case in cases for path in paths.get(case.id, ())]
    if chosen.list:
        for case in cases:
            print(f"{case.id:4} {case.priority} {' '.join(path.name for path in paths.get(case.id, ())) or '-':60} {case.title}")
        return 0
    found = lines(cases, paths, run(files, os.environ.get("JOBS", "2")) if files else {})
    print(*found, sep="\n")
    text, is_met = summary(found)
    print(text)
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
