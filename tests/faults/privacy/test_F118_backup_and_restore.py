"""F118: a backup while others write is whole and holds all that was answered for; a restored one knows that it is one."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, select, text

from bot.intake.inbox import Inbox
from bot.maintenance import backup
from bot.maintenance.backup import BackupRefused
from bot.store import deliveries, system_times
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import deliveries as table
from tests.faults.common import assert_written_once, each_helpdesk, outage
from tests.harness.deskhand import deskhand
from tests.harness.servers import empty_database
from tests.store.makers import NOW, incoming


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def engine(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with our tables, all empty."""
    in_file = f"sqlite:///{tmp_path / 'deskhand.sqlite3'}"
    made = make_engine(in_file if kind == "sqlite" else request.getfixturevalue("postgres_url"))
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def empty_engine(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Another database of the same kind, without any table."""
    if kind == "sqlite":
        yield make_engine(f"sqlite:///{tmp_path / 'empty' / 'deskhand.sqlite3'}")
        return
    with empty_database(request.getfixturevalue("postgres_server")) as url:
        made = make_engine(url)
        yield made
        made.dispose()


class Nobody:
    def ring(self, key: object) -> bool:
        return True


@contextmanager
def writing(engine: Engine, acknowledged: list[str]) -> Iterator[None]:
    """Four threads that deliver without a pause; `acknowledged` grows with each answer."""
    inbox, over = Inbox(engine, Nobody()), threading.Event()

    def deliver(which: int) -> None:
        for number in range(100_000):
            if over.is_set():
                return
            key = f"{which}-{number}"
            inbox.accept(incoming(key, b"x" * 3000))
            acknowledged.append(key)

    threads = [threading.Thread(target=deliver, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def keys(engine: Engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(select(table.c.delivery_key)).scalars())


def test_F118_a_copy_made_under_load_is_whole_and_comes_back(tmp_path: Path, engine: Engine, empty_engine: Engine) -> None:
    acknowledged: list[str] = []
    with writing(engine, acknowledged):
        while len(acknowledged) < 50:
            pass
        before = list(acknowledged)
        copy = backup.back_up(engine, tmp_path / "copy", NOW)
        after = len(acknowledged)

    aside = backup.restore(copy.path, empty_engine, NOW + timedelta(hours=1))

    found = keys(empty_engine)
    assert set(before) <= found <= set(acknowledged) | {each for each in found if each in keys(engine)}
    assert after < len(acknowledged) or after > len(before)  # intake went on meanwhile
    assert aside is None
    with reading(empty_engine) as connection:
        assert system_times.last(connection, "backup_begun") == NOW
        assert system_times.last(connection, "restored") == NOW + timedelta(hours=1)
    with empty_engine.begin() as connection:  # and it can be worked on
        assert deliveries.store(connection, incoming(before[0], b"x" * 3000)) is deliveries.Receipt.DUPLICATE
    with reading(engine) as connection:
        assert system_times.last(connection, "backed_up") == NOW
        assert system_times.last(connection, "restored") is None


def test_F118_what_is_there_is_not_overwritten_unless_told(tmp_path: Path, engine: Engine) -> None:
    with engine.begin() as connection:
        deliveries.store(connection, incoming("old"))
    copy = backup.back_up(engine, tmp_path, NOW)
    with engine.begin() as connection:
        deliveries.store(connection, incoming("new"))

    with pytest.raises(BackupRefused, match=r"holds 3 deliveries and tickets: --replace"):
        backup.restore(copy.path, engine, NOW)
    assert keys(engine) == {"old", "new"}

    aside = backup.restore(copy.path, engine, NOW, replace=True)

    assert keys(engine) == {"old"}
    if isinstance(aside, Path):
        assert keys(make_engine(f"sqlite:///{aside}")) == {"old", "new"}
    else:
        with reading(engine) as connection:
            assert set(connection.execute(text(f"select delivery_key from {aside}.deliveries")).scalars()) == {"old", "new"}
        with engine.begin() as connection:
            connection.execute(text(f"drop schema {aside} cascade"))


def test_F118_a_torn_copy_is_refused_and_nothing_is_changed(tmp_path: Path, engine: Engine) -> None:
    copy = backup.back_up(engine, tmp_path / "copy", NOW)
    with engine.begin() as connection:
        deliveries.store(connection, incoming("kept"))
    torn = tmp_path / "torn"
    shutil.copy(copy.path, torn)
    with torn.open("r+b") as file:
        file.truncate(copy.size_bytes // 3)

    with pytest.raises(BackupRefused):
        backup.restore(torn, engine, NOW, replace=True)

    assert keys(engine) == {"kept"}
    assert [each.name for each in tmp_path.iterdir() if "part" in each.name] == []


def test_F118_a_copy_is_readable_by_its_owner_only(tmp_path: Path, engine: Engine) -> None:
    copy = backup.back_up(engine, tmp_path, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))

    assert copy.path.stat().st_mode & 0o777 == 0o600
    assert copy.path.name.startswith("deskhand-20261121T093000Z.")


@each_helpdesk
def test_F118_what_was_written_after_the_copy_is_not_written_again(tmp_path: Path, provider: str) -> None:
    """The unknown window: a note that the restored database knows nothing of, and everything told once more."""
    with deskhand(tmp_path, provider) as run:
        before = outage(run, "Production is down since the night")
        run.settle()
        copy = backup.back_up(run.parts.engine, tmp_path / "copy", datetime.now(UTC))
        after = outage(run)
        run.settle()
        assert_written_once(run, after)
        sent = list(run.desk.webhooks.sent)

        backup.restore(copy.path, run.parts.engine, datetime.now(UTC), replace=True)
        for delivery in sent:
            headers = {"Content-Type": "application/json", **delivery.headers, **run.desk.sign(delivery.body)}
            requests.post(run.desk.webhooks.target or "", data=delivery.body, headers=headers, timeout=10)
        run.settle()

        assert_written_once(run, before)
        assert_written_once(run, after)
