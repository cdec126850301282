"""Column types that read the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database.column_types import UtcTime, as_stored, unindexed, with_places
from bot.store.database.schema import metadata


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


def test_a_statement_that_bypasses_the_compiler_finds_the_same_moment(connection: Connection) -> None:
    table, moment = metadata.tables["moments"], datetime(2026, 11, 21, 9, 30, 0, 123456, tzinfo=UTC)
    connection.execute(table.insert().values(name="backed_up", at=moment))

    statement = with_places("select name from moments where at = ? and name = ?", connection)

    assert connection.exec_driver_sql(statement, (as_stored(moment, connection), "backed_up")).scalar_one() == "backed_up"


def test_an_unindexed_column_has_the_same_values_and_another_form(connection: Connection) -> None:
    column = metadata.tables["moments"].c.name
    connection.execute(metadata.tables["moments"].insert().values(name="backed_up", at=datetime(2026, 11, 21, tzinfo=UTC)))

    assert connection.execute(select(unindexed(column))).scalars().all() == ["backed_up"]
    assert "coalesce" in str(unindexed(column))
