"""Column types that read the same on both databases."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import postgresql, sqlite

from adapters.codec import Unreadable, loads
from adapters.ticket import Event
from bot.store.database.column_types import UtcTime, as_stored, packed_body, packed_events, unindexed, with_places
from bot.store.database.schema import deliveries, delivery_conflicts, metadata, tickets


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


LONG = '{"account":"acme","followers":[],"requester":{"emails":["nina@example.com"],"name":"Nina"},"subject":"Łódź 😀"}'


def raw(connection: Connection, what: str) -> object:
    """As the driver has it, with no type of ours between."""
    return connection.execute(text(f"select {what}")).scalar_one()


def with_a_ticket(connection: Connection, snapshot: str | None) -> None:
    named = {"account": "acme", "kind": "ticket", "external_id": "1", "first_seen_at": datetime(2026, 11, 21, tzinfo=UTC)}
    connection.execute(tickets.insert().values(**named, snapshot=snapshot))


def test_json_of_ours_is_packed_on_sqlite_and_reads_the_same_on_both(connection: Connection) -> None:
    with_a_ticket(connection, LONG)

    kept = raw(connection, "snapshot from tickets")
    assert isinstance(kept, bytes) == (connection.dialect.name == "sqlite")
    assert not isinstance(kept, bytes) or (len(kept) < len(LONG) / 2 + 20 and b"followers" not in kept)
    assert connection.execute(select(tickets.c.snapshot)).scalar_one() == LONG


@pytest.mark.parametrize("value", [LONG, "{}", ""])
def test_plain_text_of_an_earlier_version_is_read_as_it_is(connection: Connection, value: str) -> None:
    with_a_ticket(connection, None)
    connection.execute(text("update tickets set snapshot = :value"), {"value": value})

    assert connection.execute(select(tickets.c.snapshot)).scalar_one() == value


def test_no_text_and_empty_text_stay_what_they_are(connection: Connection) -> None:
    with_a_ticket(connection, None)
    assert connection.execute(select(tickets.c.snapshot)).scalar_one() is None
    connection.execute(tickets.update().values(snapshot=""))

    assert connection.execute(select(tickets.c.snapshot).where(tickets.c.snapshot == "")).scalar_one() == ""


def test_text_that_nobody_can_unpack_is_unreadable_and_its_neighbours_are_not(connection: Connection) -> None:
    """As a version with other words has packed it. Nothing of that kind is on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return
    with_a_ticket(connection, LONG)
    other = zlib.compressobj(zdict=b"words of another version " * 9)
    connection.execute(text("update tickets set snapshot = :value"), {"value": other.compress(LONG.encode()) + other.flush()})
    named = {"account": "acme", "kind": "ticket", "external_id": "2", "first_seen_at": datetime(2026, 11, 21, tzinfo=UTC)}
    connection.execute(tickets.insert().values(**named, snapshot=LONG))

    foreign, own = connection.execute(select(tickets.c.snapshot).order_by(tickets.c.external_id)).scalars()
    with pytest.raises(Unreadable):
        loads(dict[str, object], foreign)
    assert own == LONG


BODY = b'{"account_id":22129848,"detail":{"actor_id":"1","subject":"Production is down"},"type":"zen:event-type:ticket.created"}'


@pytest.mark.parametrize("body", [BODY, b"", b"{}", b"\xff\xfe no text", BODY * 400])
def test_a_body_comes_back_to_the_byte(connection: Connection, body: bytes) -> None:
    named = {"id": "1", "account": "acme", "delivery_key": "k", "received_at": datetime(2026, 11, 21, tzinfo=UTC)}
    connection.execute(delivery_conflicts.insert().values(**named, body=body, body_sha256=""))

    assert connection.execute(select(delivery_conflicts.c.body)).scalar_one() == body
    assert bytes(raw(connection, "body from delivery_conflicts")) == packed_body(body)  # type: ignore[call-overload]
    assert len(packed_body(body)) < len(body) or len(body) < 20

    connection.execute(text("update delivery_conflicts set body = :body"), {"body": body})  # as earlier versions kept it
    assert connection.execute(select(delivery_conflicts.c.body)).scalar_one() == body


TOLD = (
    '[{"delivery_key":"evt-1","kind_raw":"ticket.comment_added","provider":"zendesk","ticket":{"account":"acme","external_id":"1",'
    '"kind":"ticket"},"type":"note.created"}]'
)


@pytest.mark.parametrize("is_new", [True, False])
def test_events_are_packed_on_sqlite_and_those_of_an_earlier_version_are_read(connection: Connection, is_new: bool) -> None:
    named = {"id": "1", "account": "acme", "delivery_key": "k", "received_at": datetime(2026, 11, 21, tzinfo=UTC)}
    connection.execute(deliveries.insert().values(**named, body=b"{}", body_sha256="", state="pending", events=TOLD))
    assert raw(connection, "events from deliveries") == packed_events(TOLD, connection)
    assert len(packed_events(TOLD, connection)) < (len(TOLD) / 2 if connection.dialect.name == "sqlite" else len(TOLD) + 1)
    if not is_new:
        connection.execute(text("update deliveries set events = :told"), {"told": TOLD})

    assert connection.execute(select(deliveries.c.events)).scalar_one() == TOLD


def test_events_that_nobody_can_unpack_are_unreadable(connection: Connection) -> None:
    """As a later version with another list has packed them. Nothing of that kind is on PostgreSQL."""
    if connection.dialect.name != "sqlite":
        return
    named = {"id": "1", "account": "acme", "delivery_key": "k", "received_at": datetime(2026, 11, 21, tzinfo=UTC)}
    connection.execute(deliveries.insert().values(**named, body=b"{}", body_sha256="", state="pending", events=TOLD))
    later = zlib.compressobj(zdict=b"words of a later version " * 9)
    connection.execute(text("update deliveries set events = :told"), {"told": later.compress(TOLD.encode()) + later.flush()})

    with pytest.raises(Unreadable):
        loads(tuple[Event, ...], connection.execute(select(deliveries.c.events)).scalar_one())
