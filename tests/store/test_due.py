"""Times to come: each comes once, and only when it has come."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store import due
from bot.store.database.schema import due as table
from tests.store.makers import KEY, NOW, OTHER_KEY, later


def test_a_time_comes_once(connection: Connection) -> None:
    due.add_due(connection, KEY, later(hours=1), "follow_up", {"rule": "r1", "text": "Look again"})

    assert due.due_now(connection, NOW) == []
    [row] = due.due_now(connection, later(hours=2))
    assert (row.key, row.at, row.what, row.payload) == (KEY, later(hours=1), "follow_up", {"rule": "r1", "text": "Look again"})
    due.close_due(connection, row.id)
    assert due.due_now(connection, later(hours=2)) == []


def test_what_has_come_is_listed_oldest_first(connection: Connection) -> None:
    for hours in (3, 1, 2, 9):
        due.add_due(connection, KEY, later(hours=hours), f"in {hours}", {})

    assert [each.what for each in due.due_now(connection, later(hours=3))] == ["in 1", "in 2", "in 3"]


def test_a_tickets_waiting_times_of_one_kind_are_found(connection: Connection) -> None:
    for key, what in ((KEY, "follow_up"), (KEY, "sla"), (OTHER_KEY, "follow_up")):
        due.add_due(connection, key, later(hours=1), what, {"of": str(key)})

    assert [each.payload for each in due.due_of(connection, KEY, "follow_up")] == [{"of": str(KEY)}]
    due.close_due(connection, due.due_of(connection, KEY, "follow_up")[0].id)
    assert due.due_of(connection, KEY, "follow_up") == []
    assert len(due.due_of(connection, OTHER_KEY, "follow_up")) == 1


def test_a_time_of_a_newer_version_stands_in_nobodys_way(connection: Connection) -> None:
    for hours in (1, 2, 3):
        due.add_due(connection, KEY, later(hours=hours), f"in {hours}", {})
    connection.execute(table.update().where(table.c.what == "in 1").values(kind="a kind of tomorrow"))
    connection.execute(table.update().where(table.c.what == "in 2").values(payload='["another shape"]'))

    assert [each.what for each in due.due_now(connection, later(hours=3))] == ["in 3"]
