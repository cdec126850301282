"""Signs of life: no oftener than needed, taken back at the end; a database that is away costs one and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from bot.shared.heartbeat import Pulse
from bot.store import processes
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate


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


NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    migrate(made)
    yield made
    made.dispose()


def names(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return processes.names(connection, NOW - timedelta(hours=1))


def test_a_sign_is_given_again_once_the_last_one_is_old(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.shared.heartbeat.EVERY_S", 0.0)
    now = [NOW]
    pulse = Pulse(engine, "ticker", lambda: now[0], "here:1:abc")
    pulse.beat()
    now[0] += timedelta(minutes=1)

    pulse.beat()

    with reading(engine) as connection:
        assert processes.living(connection, now[0]) == {"ticker": 1}


def test_a_process_that_fails_takes_its_sign_back_too(engine: Engine) -> None:
    pulse, seen = Pulse(engine, "worker", lambda: NOW, "here:1:abc"), list[str]()
    pulse.beat()

    with pytest.raises(RuntimeError, match="of the work"), pulse.beating():
        seen += names(engine)
        raise RuntimeError("of the work")

    assert (seen, names(engine)) == (["worker here:1:abc"], [])


def test_a_missed_sign_is_told_without_what_the_database_said(tmp_path: Path) -> None:
    pulse = Pulse(make_engine(f"sqlite:///{tmp_path / 'without-tables.sqlite3'}"), "worker")

    with capture_logs() as lines:
        pulse.beat()

    assert [(each["event"], each["why"]) for each in lines] == [("pulse.missed", "OperationalError")]
