"""When something happened to the installation as a whole."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store import system_times
from tests.store.makers import NOW, later


def test_what_never_happened_has_no_time(connection: Connection) -> None:
    assert system_times.last(connection, "backed_up") is None


def test_the_last_time_takes_the_place_of_the_one_before(connection: Connection) -> None:
    system_times.keep(connection, "backed_up", NOW)
    system_times.keep(connection, "backed_up", later(hours=1))

    assert system_times.last(connection, "backed_up") == later(hours=1)


def test_each_name_has_a_time_of_its_own(connection: Connection) -> None:
    system_times.keep(connection, "backup_begun", NOW)
    system_times.keep(connection, "backed_up", later(minutes=1))

    assert system_times.last(connection, "backup_begun") == NOW
    assert system_times.last(connection, "restored") is None
