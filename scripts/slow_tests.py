"""A pytest plugin: the log ends with how long each folder's tests took, and the slowest tests.

`make test` loads it (`-p scripts.slow_tests`). With xdist the controller counts, by the reports that the workers send.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import pytest

SLOWEST = 30


@dataclass(slots=True)
class Times:
    """Seconds of each test, its set-up and tear-down included."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Before pytest's own last line, which says how many passed."""
        for line in lines(self.seconds):
            terminalreporter.write_line(line)


def lines(seconds: Mapping[str, float]) -> list[str]:
    """What stands at the end of the log."""
    folders: dict[str, list[float]] = defaultdict(list)
    for test, took in seconds.items():
        folders[folder_of(test)].append(took)
    by_time = sorted(folders.items(), key=lambda each: -sum(each[1]))
    slowest = sorted(seconds.items(), key=lambda each: -each[1])[:SLOWEST]
    return [
        "seconds per folder (of all workers together; a busy machine makes them longer)",
        *(f"{sum(each):8.1f}  {folder}  {len(each)} tests" for folder, each in by_time),
        f"the {len(slowest)} slowest tests",
        *(f"{took:8.1f}  {test}" for test, took in slowest),
    ]


def folder_of(test: str) -> str:
    """tests/rules/engine/test_x.py::test_y -> tests/rules"""
    path = PurePosixPath(test.partition("::")[0])
    return "/".join(path.parent.parts[:2])


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # an xdist worker: its controller counts
        config.pluginmanager.register(Times(), "slow_tests")
