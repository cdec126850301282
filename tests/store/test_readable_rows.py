"""A row that this version cannot read is left as it is and stands in nobody's way."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text
from structlog.testing import capture_logs

from adapters.codec import Unreadable
from adapters.ticket import TicketKind
from bot.store.readable_rows import KINDS, MOST, readable


def _numbers(connection: Connection, count: int) -> list[Row[Any]]:
    """Rows with the ids from 1 to `count`."""
    each = "select 1 as id union all select id + 1 from numbers where id < :count"
    return list(connection.execute(text(f"with recursive numbers as ({each}) select id from numbers"), {"count": count}).all())


def _odd(row: Row[Any]) -> int:
    if row.id % 2 == 0:
        raise Unreadable("$.kind: of a newer version")
    return int(row.id)


def test_unreadable_rows_are_passed_over_and_named(connection: Connection) -> None:
    rows = _numbers(connection, 4)

    with capture_logs() as lines:
        found = readable(rows, _odd)

    assert found == [1, 3]
    assert [(each["event"], each["id"]) for each in lines] == [("row.unreadable", 2), ("row.unreadable", 4)]


def test_unreadable_rows_take_no_place_of_the_most_that_are_read(connection: Connection) -> None:
    found = readable(_numbers(connection, 3 * MOST), _odd)

    assert (len(found), found[-1]) == (MOST, 2 * MOST - 1)


def test_every_kind_of_ticket_is_one_that_this_version_can_read() -> None:
    assert {TicketKind(name) for name in KINDS} == set(TicketKind)
