"""Processes give signs of life, and none is left over when the one that started them is killed."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import Config, load
from bot.shared.heartbeat import Pulse
from bot.store import processes
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from tests.cli.test_processes import children, configured, start
from tests.harness.processes import free_port, process, wait_for


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


def test_a_sign_is_given_no_oftener_than_needed_and_taken_back_at_the_end(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    migrate(engine)
    now = [datetime(2026, 11, 21, 9, 0, tzinfo=UTC)]
    pulse = Pulse(engine, "worker", lambda: now[0], "here:1:abc")

    pulse.beat()
    now[0] += timedelta(seconds=1)
    pulse.beat()
    with reading(engine) as connection:
        assert processes.names(connection, now[0] - timedelta(seconds=2)) == ["worker here:1:abc"]
        assert processes.living(connection, now[0]) == {}  # the second came too soon to be written
    pulse.end()

    with reading(engine) as connection:
        assert processes.living(connection, now[0] - timedelta(hours=1)) == {}


def test_a_database_that_is_away_costs_a_sign_and_nothing_else(tmp_path: Path) -> None:
    pulse = Pulse(make_engine(f"sqlite:///{tmp_path / 'without-tables.sqlite3'}"), "worker")

    with pulse.beating():
        pulse.beat()
