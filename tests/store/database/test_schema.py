"""Tables, migrations and connections: the migration makes what the code wants, and another schema is refused."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from bot.store.database import migrate
from bot.store.database.column_types import UtcTime
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import SchemaDiffers, newest, require_current
from bot.store.database.schema import metadata


def test_the_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_an_empty_database_says_what_to_run(empty_engine: Engine) -> None:
    with pytest.raises(SchemaDiffers, match="has no tables yet: run `deskhand migrate`"):
        require_current(empty_engine)


def test_migrating_makes_the_newest_schema_and_doing_it_again_nothing(empty_engine: Engine) -> None:
    assert migrate.migrate(empty_engine) == newest()
    assert migrate.migrate(empty_engine) == newest()

    require_current(empty_engine)
    assert set(metadata.tables) < set(inspect(empty_engine).get_table_names())


def test_two_processes_may_migrate_at_once(empty_engine: Engine) -> None:
    url = empty_engine.url.render_as_string(hide_password=False)
    code = "import sys; from bot.store.database import engine, migrate; print(migrate.migrate(engine.make_engine(sys.argv[1])))"

    both = [subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [each.communicate()[0].strip() for each in both]

    assert [each.returncode for each in both] == [0, 0]
    assert said == [newest()] * 2


def test_two_threads_may_migrate_at_once(empty_engine: Engine) -> None:
    ended: list[str] = []
    threads = [threading.Thread(target=lambda: ended.append(migrate.migrate(empty_engine))) for _ in range(3)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ended == [newest()] * 3


def test_a_newer_database_says_to_run_the_newer_deskhand(empty_engine: Engine) -> None:
    migrate.migrate(empty_engine)
    with empty_engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(SchemaDiffers, match="9999, which is newer than this code: run the newer Deskhand"):
        require_current(empty_engine)
    with pytest.raises(SchemaDiffers, match="newer"):
        migrate.migrate(empty_engine)


def test_what_a_failed_transaction_wrote_is_gone(engine: Engine) -> None:
    with pytest.raises(RuntimeError), engine.begin() as connection:
        connection.execute(metadata.tables["locks"].insert().values(name="x"))
        raise RuntimeError

    with reading(engine) as connection:
        assert connection.execute(metadata.tables["locks"].select()).all() == []


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.begin() as writer:
        writer.execute(metadata.tables["locks"].insert().values(name="x"))
        started = time.monotonic()

        with reading(engine) as connection:
            assert connection.execute(metadata.tables["locks"].select()).all() == []

        assert time.monotonic() - started < 1.0


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


@pytest.fixture
def sqlite_engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return make_engine(f"sqlite:///{tmp_path_factory.mktemp('made') / 'in' / 'folders' / 'x.sqlite3'}")


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_times_survive_sqlites_integers_to_the_microsecond(moment: datetime) -> None:
    kind, dialect = UtcTime(), sqlite.dialect()

    stored = kind.process_bind_param(moment, dialect)

    assert isinstance(stored, int)
    assert kind.process_result_value(stored, dialect) == moment


def test_times_of_any_zone_come_back_in_utc() -> None:
    kind, there = UtcTime(), timezone(timedelta(hours=2))
    moment = datetime(2026, 11, 21, 11, 30, tzinfo=there)

    for dialect in (sqlite.dialect(), postgresql.dialect()):  # type: ignore[no-untyped-call]
        found = kind.process_result_value(kind.process_bind_param(moment, dialect), dialect)
        assert found == moment
        assert found.tzinfo is UTC


def test_no_time_stays_no_time(connection: Connection) -> None:
    connection.execute(metadata.tables["accounts"].insert().values(account="acme"))

    assert connection.execute(text("select polled_at from accounts")).scalar_one() is None
