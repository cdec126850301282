"""Who works on this database, by the last sign of life."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.store import processes
from bot.store.database.schema import processes as table
from tests.store.makers import NOW, later


def test_living_processes_are_counted_by_role(connection: Connection) -> None:
    processes.seen(connection, "here:1:a", "worker", "1.0", NOW)
    processes.seen(connection, "here:2:b", "worker", "1.0", later(minutes=1))
    processes.seen(connection, "here:3:c", "ticker", "1.0", later(minutes=1))

    assert processes.living(connection, NOW) == {"worker": 2, "ticker": 1}
    assert processes.living(connection, later(seconds=30)) == {"worker": 1, "ticker": 1}


def test_a_further_sign_keeps_the_row_and_its_start(connection: Connection) -> None:
    for minutes in range(3):
        processes.seen(connection, "here:1:a", "worker", "1.0", later(minutes=minutes))

    row = connection.execute(select(table)).one()
    assert (row.started_at, row.seen_at) == (NOW, later(minutes=2))


def test_one_that_ended_in_order_is_gone_at_once(connection: Connection) -> None:
    for name in ("here:1:a", "here:2:b"):
        processes.seen(connection, name, "worker", "1.0", NOW)

    processes.gone(connection, "here:1:a")

    assert processes.names(connection, NOW) == ["worker here:2:b"]


def test_those_that_ended_without_saying_so_are_forgotten_and_counted(connection: Connection) -> None:
    for hours in range(3):
        processes.seen(connection, f"here:{hours}:a", "receiver", "1.0", later(hours=hours))

    assert processes.forget(connection, later(hours=2)) == 2
    assert processes.names(connection, NOW) == ["receiver here:2:a"]


def test_two_versions_are_told_only_while_both_live(connection: Connection) -> None:
    processes.seen(connection, "here:1:a", "worker", "1.0", NOW)
    processes.seen(connection, "here:2:b", "worker", "1.1", later(minutes=5))

    assert processes.versions(connection, NOW) == {"1.0", "1.1"}
    assert processes.versions(connection, later(minutes=2)) == {"1.1"}
