"""F38: SQLite's file is removed, replaced, read-only or on a network. Nothing is ever answered 2xx that went into a file which
nobody will read; what is wrong is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli.doctor import checks
from bot.intake.inbox import Inbox, InboxUnavailable
from bot.store import deliveries
from bot.store.database.engine import make_engine, reading
from bot.store.deliveries import Incoming
from tests.faults.common import assert_written_once
from tests.faults.held_database import knock, rows, undelivered
from tests.harness.bench_in_memory import SilentBell
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.nursery import wait as wait_child
from tests.harness.storage import SQLITE_FILE, put_tables_into

ALL = ("", "-wal", "-shm")


def move(source: Path, target: Path) -> None:
    """The database with its log, as somebody would who knows that they belong together."""
    target.mkdir(exist_ok=True)
    for end in ALL:
        if (source / f"{SQLITE_FILE}{end}").exists():
            (source / f"{SQLITE_FILE}{end}").rename(target / f"{SQLITE_FILE}{end}")


def test_F38_a_file_that_was_removed_takes_nothing_and_is_not_made_anew(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        before, during = undelivered(run, "Production is down"), undelivered(run, "It is down again")
        first = knock(run, before)

        move(tmp_path, tmp_path / "elsewhere")
        refused = [knock(run, during) for _ in range(2)]
        was_made = (tmp_path / SQLITE_FILE).exists()
        move(tmp_path / "elsewhere", tmp_path)
        again = knock(run, during)
        run.settle(30)

        assert first.status == 202
        assert all(each.asks_to_come_again for each in refused), refused
        assert not was_made
        assert again.status == 202
        for each in (before, during):
            assert_written_once(run, each.ticket)


def test_F38_a_file_that_was_replaced_is_the_one_that_counts(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        before, after = undelivered(run, "Production is down"), undelivered(run, "It is down again")
        knock(run, before)

        move(tmp_path, tmp_path / "elsewhere")
        put_tables_into(tmp_path)
        answer = knock(run, after)
        run.settle(30)

        assert answer.status == 202
        assert_written_once(run, after.ticket)
        assert rows(run) >= 1
        fresh = make_engine(f"sqlite:///{tmp_path / SQLITE_FILE}")
        with reading(fresh) as connection:
            assert sum(deliveries.counts(connection).values()) == rows(run)
        fresh.dispose()


def test_F38_a_read_only_database_takes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put_tables_into(tmp_path)
    engine = make_engine(f"sqlite:///file:{tmp_path / SQLITE_FILE}?mode=ro&uri=true")
    incoming = Incoming(account="acme", delivery_key="1", body=b"{}", events=(), received_at=datetime.now(UTC), ignored="x")

    with pytest.raises(InboxUnavailable):
        Inbox(engine, SilentBell()).accept(incoming)

    assert "inbox.unavailable" in capsys.readouterr().err
    with reading(engine) as connection:
        assert deliveries.counts(connection) == {}
    engine.dispose()


@pytest.mark.parametrize("module", ["webhooks", "worker"])
def test_F38_nothing_starts_without_its_tables(tmp_path: Path, nursed: Nursery, module: str) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        move(tmp_path, tmp_path / "elsewhere")
        child = nursed.start(module, "--config", str(run.config.path), log=tmp_path / "log")

        assert wait_child(child, 60) == 2
        assert "run `deskhand migrate`" in (tmp_path / "log").read_text(encoding="utf-8")


def test_F38_the_doctor_warns_of_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        monkeypatch.setattr(checks, "_mounts", lambda: f"server:/share {tmp_path} nfs4 rw 0 0\nroot / ext4 rw 0 0\n")

        found = {each.what: each for each in checks.look_at_files(run.config, run.parts.engine)}

        assert not found["file system"].is_well
        assert "nfs4" in found["file system"].words
