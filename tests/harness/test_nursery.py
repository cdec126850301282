"""The nursery's children are Deskhand's own processes: they start fast, end as signals say, and share nothing."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import clock
from tests.harness.nursery import ROOT, Nursery, end, nursery, spawned, wait

PRINTS = "tests.harness.echo_process"


@pytest.fixture(scope="module")
def nursed() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


def test_a_child_has_its_own_arguments_environment_and_output(tmp_path: Path, nursed: Nursery) -> None:
    log = tmp_path / "log"

    child = nursed.start(PRINTS, "--one", "two", log=log, environment={"DESKHAND_SAID": "hello"})

    assert wait(child) == 7
    assert log.read_text().split() == ["--one", "two", "hello", str(child.pid), "nothing"]
    assert child.pid != os.getpid()


def test_a_killed_child_is_told_from_one_that_ended(nursed: Nursery) -> None:
    child = nursed.start(PRINTS, "sleep")

    child.signal(signal.SIGKILL)

    assert wait(child) == -9
    child.signal(signal.SIGKILL)  # nothing happens: it has ended
    assert child.poll() == -9


def test_a_child_ends_at_sigterm(nursed: Nursery) -> None:
    assert end(nursed.start(PRINTS, "sleep")) == -signal.SIGTERM


def test_a_child_costs_milliseconds(nursed: Nursery) -> None:
    took = []

    for _ in range(10):
        started = time.monotonic()
        assert wait(nursed.start(PRINTS)) == 7
        took.append(time.monotonic() - started)

    assert min(took) < 0.5  # importing takes longer than 1 s each time


def test_a_child_may_have_a_wrong_clock(tmp_path: Path, nursed: Nursery) -> None:
    wrong, log = tmp_path / "wrong", tmp_path / "log"
    wrong.write_text("-3600")

    wait(nursed.start(PRINTS, log=log, clock=wrong))

    assert float(log.read_text().split()[-1]) == pytest.approx(-3600, abs=60)


def test_no_module_that_asks_for_the_time_is_forgotten() -> None:
    sources = [*ROOT.glob("adapters/**/*.py"), *ROOT.glob("bot/**/*.py"), ROOT / "webhooks.py", ROOT / "worker.py"]
    asking = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources
        if "cli" not in path.parts and re.search(r"datetime\.(now|utcnow)\(|date\.today\(", path.read_text(encoding="utf-8"))
    }

    assert asking == {*clock.ASKING}


def test_true_processes_behave_alike(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with spawned() as starter:
        child = starter.start(PRINTS, "a", log=log, environment={"DESKHAND_SAID": "b"})
        sleeper = starter.start(PRINTS, "sleep")

        assert wait(child) == 7
        assert log.read_text().split() == ["a", "b", str(child.pid), "nothing"]
    assert sleeper.poll() == -9
