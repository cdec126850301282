"""Connections: reads that take no lock and see one moment, writes that wait at their beginning, commits that survive."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from adapters.ticket import TicketKey, TicketKind
from bot.store import tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.schema import metadata
from tests.harness.servers import StoodStill

STARVED_S = 15  # measured once, beside eight busy loops on two cores
COMES_AGAIN_S = 60  # Intercom, once and never again
KEY = TicketKey("acme", TicketKind.TICKET, "7")


def test_what_is_committed_between_two_statements_of_a_read_is_not_seen(engine: Engine) -> None:
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, datetime.now(UTC))

    with reading(engine) as connection:
        before = tickets.dirty_seq(connection, KEY)
        with engine.begin() as writer:
            tickets.mark_dirty(writer, KEY, datetime.now(UTC))
        after = tickets.dirty_seq(connection, KEY)
    with reading(engine) as connection:
        later = tickets.dirty_seq(connection, KEY)

    assert (before, after, later) == (1, 1, 2)


def test_a_writer_is_not_kept_waiting_by_a_read(engine: Engine) -> None:
    with reading(engine) as connection:
        tickets.unfinished(connection)
        with engine.begin() as writer:
            tickets.mark_dirty(writer, KEY, datetime.now(UTC))

    with reading(engine) as connection:
        assert tickets.unfinished(connection) == 1


def test_a_connection_writes_again_after_it_was_lent_for_a_read(engine: Engine) -> None:
    for _ in range(8):
        with reading(engine) as connection:
            tickets.unfinished(connection)
        with engine.begin() as connection:
            tickets.mark_dirty(connection, KEY, datetime.now(UTC))

    with reading(engine) as connection:
        assert tickets.dirty_seq(connection, KEY) == 8


def test_what_a_failed_transaction_wrote_is_gone(engine: Engine) -> None:
    with pytest.raises(RuntimeError), engine.begin() as connection:
        connection.execute(metadata.tables["locks"].insert().values(name="x"))
        raise RuntimeError

    with reading(engine) as connection:
        assert connection.execute(metadata.tables["locks"].select()).all() == []


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(metadata.tables["locks"].insert().values(name="x"))

        with reading(engine) as connection:  # to wait for a writer who waits for us would be an error
            assert connection.execute(metadata.tables["locks"].select()).all() == []


def test_sqlite_commits_survive_power_loss(sqlite_engine: Engine) -> None:
    with sqlite_engine.begin() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 2000}


def test_a_sqlite_writer_waits_at_the_beginning_and_not_at_its_first_write(sqlite_engine: Engine) -> None:
    started = time.monotonic()

    with sqlite_engine.begin(), pytest.raises(OperationalError, match="locked"), sqlite_engine.begin():
        pass

    assert 1.5 < time.monotonic() - started < 10


def test_a_connection_that_was_cut_while_its_process_stood_still_is_the_database_away(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    StoodStill(engine, "INSERT INTO locks")

    with pytest.raises(OperationalError) as caught, engine.begin() as connection:
        connection.execute(metadata.tables["locks"].insert().values(name="words of a customer"))
    with reading(engine) as connection:
        assert connection.execute(metadata.tables["locks"].select()).all() == []

    assert caught.value.connection_invalidated
    assert "customer" not in str(caught.value)
    engine.dispose()


def test_the_server_waits_longer_for_a_process_than_a_starved_one_needs_and_less_than_a_sender_waits(postgres_url: str) -> None:
    engine = make_engine(postgres_url)
    with engine.begin() as connection:
        found_ms = connection.exec_driver_sql(
            "select setting::int from pg_settings where name = 'idle_in_transaction_session_timeout'"
        ).scalar_one()
    engine.dispose()

    assert STARVED_S * 1000 < found_ms < COMES_AGAIN_S * 1000


@pytest.fixture
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return make_engine(f"sqlite:///{tmp_path_factory.mktemp('made') / 'in' / 'folders' / 'x.sqlite3'}")
