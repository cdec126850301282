"""The end of the log: seconds per folder, the slowest tests, and pytest's own last line after them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scripts import slow_tests
from scripts.slow_tests import SLOWEST, lines

ROOT = Path(__file__).parents[1]


def test_the_slowest_folder_and_the_slowest_test_come_first() -> None:
    told = lines({"tests/a/test_x.py::test_1": 1.0, "tests/b/c/test_y.py::test_2": 2.5, "tests/b/test_z.py::test_3": 0.5})

    assert told[1:3] == ["     3.0  tests/b  2 tests", "     1.0  tests/a  1 tests"]
    assert told[4:] == [
        "     2.5  tests/b/c/test_y.py::test_2",
        "     1.0  tests/a/test_x.py::test_1",
        "     0.5  tests/b/test_z.py::test_3",
    ]


def test_so_many_are_listed_and_no_more() -> None:
    told = lines({f"tests/test_x.py::test_{number}": float(number) for number in range(100)})

    assert len(told) == 3 + SLOWEST
    assert told[-1].endswith("test_70")


def test_what_the_workers_took_is_told_before_pytests_own_last_line(tmp_path: Path) -> None:
    (tmp_path / "test_two.py").write_text("import time\ndef test_slow(): time.sleep(0.3)\ndef test_quick(): pass\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "-p",
        slow_tests.__name__,
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]

    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()

    assert "2 passed" in told[-1]
    assert [line.split()[1] for line in told[-3:-1]] == ["test_two.py::test_slow", "test_two.py::test_quick"]
    assert float(told[-3].split()[0]) >= 0.3
