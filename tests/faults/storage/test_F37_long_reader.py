"""F37: a reader that does not end keeps SQLite's log from being written back. It is warned of, in the log and by the doctor; when
the reader has gone the log is short again, also where somebody always reads."""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.cli.doctor.checks import look_at_files
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import accounts
from bot.store.database import engine
from bot.store.database.engine import reading, shorten_log
from tests.harness.bench_in_memory import SilentBell
from tests.harness.deskhand import Running, deskhand
from tests.harness.servers import wait_for

MOST_BYTES = 1_000_000  # instead of 64 MB


@pytest.fixture(autouse=True)
def _a_small_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "LOG_SHORTEN_BYTES", MOST_BYTES // 16)
    monkeypatch.setattr("bot.scheduler.ticker.LOG_MOST_BYTES", MOST_BYTES)
    monkeypatch.setattr("bot.cli.doctor.checks.WAL_BYTES", MOST_BYTES)


def test_F37_a_log_that_grows_is_warned_of_and_is_short_again_afterwards(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        log = tmp_path / "deskhand.sqlite3-wal"

        with reading(run.parts.engine) as reader:
            accounts.state(reader, "acme")  # from here on it sees this moment
            write(run.parts.engine, 30)
            tick(run)
            held, warned = log.stat().st_size, capsys.readouterr().err
            doctor = {each.what: each for each in look_at_files(run.config, run.parts.engine)}
        tick(run)

        assert held > MOST_BYTES
        assert "database.log_grows" in warned
        assert doctor["wal"].is_warning
        assert log.stat().st_size < MOST_BYTES // 16
        assert "database.log_grows" not in capsys.readouterr().err


def test_F37_the_log_is_emptied_while_somebody_always_reads(tmp_path: Path) -> None:
    """Short reads that overlap without a gap: by itself SQLite would never begin its log anew."""
    with deskhand(tmp_path, "freshdesk") as run, ThreadPoolExecutor(3) as pool:
        store, log, over = run.parts.engine, tmp_path / "deskhand.sqlite3-wal", threading.Event()

        def read() -> None:
            while not over.is_set():
                with reading(store) as connection:
                    accounts.state(connection, "acme")
                    time.sleep(0.01)

        readers = [pool.submit(read) for _ in range(3)]
        write(store, 30)
        before = log.stat().st_size
        wait_for("a short log", lambda: shorten_log(store) < MOST_BYTES // 16)
        over.set()

        assert before > MOST_BYTES // 2
        assert [each.result() for each in readers] == [None] * 3


def write(store: Engine, times: int) -> None:
    """40 kB of log each time, and somewhat more."""
    for number in range(times):
        words = json.dumps(str(number % 10) * 40_000)  # pages that stay the same are not written
        with store.begin() as connection:
            accounts.put_reference(connection, "acme", "teams", words, datetime.now(UTC))


def tick(run: Running) -> None:
    bell = SilentBell()
    parts = TickerParts(config=run.config, engine=run.parts.engine, bell=bell, clock=run.parts.clock, owner="t")
    Ticker(parts)._shorten_log()
