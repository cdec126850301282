"""None is left over when the one that started them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import Config, load
from bot.process.parent_death import tied
from bot.store import processes
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from tests.cli.test_processes import children, configured, start
from tests.harness.processes import free_port, process, wait_for

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's promise is Linux's")


def living(config: Config) -> dict[str, int]:
    try:
        with reading(make_engine(config.database_url)) as connection:
            return processes.living(connection, datetime.now(UTC) - timedelta(minutes=2))
    except Exception:  # `up` makes the tables meanwhile
        return {}


def descendants(of: int) -> list[int]:
    found = list(children(of))
    return [*found, *(each for child in found for each in descendants(child))]


@pytest.mark.timeout(300)
def test_up_that_is_killed_leaves_nobody_behind(tmp_path: Path) -> None:
    path = configured(tmp_path, "http://127.0.0.1:9", free_port())
    config = load(path, {})
    child, family = start(tmp_path, path), list[int]()
    try:
        wait_for("signs of life of all", lambda: living(config) == {"receiver": 1, "worker": 1, "ticker": 1}, 120)
        family = descendants(child.pid)
        assert len(family) == 4  # receiver with its one process, worker, ticker

        child.send_signal(signal.SIGKILL)
        child.wait(10)

        wait_for("the end of its children", lambda: not any(is_there(pid) for pid in family), 30)
    finally:
        child.kill()
        child.wait(10)
        for pid in family:  # where the kernel did not
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_there(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.timeout(300)
def test_a_worker_on_redis_gives_signs_too_and_takes_its_ticker_with_it(tmp_path: Path, redis_url: str) -> None:
    path = configured(tmp_path, "http://127.0.0.1:9", 0, queue=redis_url)
    config = load(path, {})
    migrate(make_engine(config.database_url))
    with process(tmp_path, "worker", "--config", str(path)) as child:
        wait_for("signs of life of both", lambda: living(config) == {"worker": 1, "ticker": 1}, 120)
        [ticker] = children(child.pid)

        child.send_signal(signal.SIGKILL)
        child.wait(10)

        wait_for("the ticker's end", lambda: not is_there(ticker), 30)


_ASKS = "import ctypes; asked = ctypes.c_int(); ctypes.CDLL(None).prctl(2, ctypes.byref(asked)); print(asked.value)"


@linux_only
def test_the_kernel_is_asked_to_end_a_tied_child_with_us() -> None:
    """2: PR_GET_PDEATHSIG; the answer is kept across the exec."""
    found = subprocess.run([sys.executable, "-S", "-c", _ASKS], preexec_fn=tied(), capture_output=True, text=True, check=True)

    assert int(found.stdout) == signal.SIGTERM


@linux_only
def test_a_child_whose_parent_is_gone_already_ends_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "getpid", lambda: 0)  # somebody who is not the parent of the child below
        tie = tied()

    ended = subprocess.run([sys.executable, "-S", "-c", "pass"], preexec_fn=tie, check=False)

    assert ended.returncode == -signal.SIGTERM


def test_elsewhere_than_on_linux_a_child_starts_untied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    tied()()  # in this very process: it would be tied, or ended
