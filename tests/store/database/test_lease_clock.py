"""The clock of leases: it only goes forward, and a time of another boot has passed."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, literal, select

from bot.store.database.lease_clock import Tick, at, passed, passed_now, tick


def test_now_only_goes_forward_on_one_named_clock(connection: Connection) -> None:
    first, second = tick(connection), tick(connection)

    assert first.boot == second.boot
    assert first.us <= second.us
    assert (first.boot == "database") is (connection.dialect.name == "postgresql")


def test_seconds_are_added_in_microseconds() -> None:
    assert Tick("b", 5).plus(1.5) == Tick("b", 1_500_005)


CASES = [
    (Tick("now", 99), True),
    (Tick("now", 100), True),
    (Tick("now", 101), False),
    (Tick("another", 10**12), True),
]


@pytest.mark.parametrize(("until", "is_over"), CASES)
def test_a_time_has_passed_at_its_moment_or_with_its_boot(until: Tick, is_over: bool) -> None:
    assert until.has_passed(Tick("now", 100)) is is_over


@pytest.mark.parametrize(("until", "is_over"), CASES)
def test_the_database_judges_the_same(connection: Connection, until: Tick, is_over: bool) -> None:
    now, columns = Tick("now", 100), (literal(until.boot), literal(until.us))

    by_value = connection.execute(select(passed(*columns, now))).scalar_one()
    by_parameter = connection.execute(select(passed_now(*columns)), at(now)).scalar_one()

    assert (bool(by_value), bool(by_parameter)) == (is_over, is_over)
