"""How often each rule acted and on whose tickets, and which are switched off."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from bot.store.database.schema import rule_firings as table
from bot.store.rules import rule_firings
from bot.store.rules.rule_firings import Acted, Customer, Kind, Stop
from tests.store.makers import KEY, NOW, OTHER_KEY, later

WROTE = Acted("r1", "live", is_writing=True)
NOBODY = Customer()


def fired(connection: Connection, count: int, whose: Customer = NOBODY, acted: Acted = WROTE, cause: str = "") -> None:
    """In `count` more runs of one ticket."""
    before = connection.execute(select(table.c.run_id)).all()
    for number in range(count):
        rule_firings.add(connection, f"run-{len(before) + number}", KEY, [acted], whose, cause, NOW)


def test_firings_are_counted_by_kind_and_by_ticket(connection: Connection) -> None:
    rule_firings.add(connection, "run-1", KEY, [WROTE, Acted("r2", "shadow")], NOBODY, "", NOW)
    rule_firings.add(connection, "run-2", KEY, [WROTE], NOBODY, "", NOW)
    rule_firings.add(connection, "run-3", OTHER_KEY, [WROTE], NOBODY, "", later(hours=1))

    assert rule_firings.counts(connection, ["r1", "r2"], "live", NOW) == {"r1": (3, 2)}
    assert rule_firings.counts(connection, ["r1"], "live", later(minutes=1)) == {"r1": (1, 1)}
    assert rule_firings.counts(connection, ["r2"], "shadow", NOW) == {"r2": (1, 1)}
    assert rule_firings.counts(connection, [], "live", NOW) == {}


def test_a_run_that_is_told_twice_is_counted_once(connection: Connection) -> None:
    for _ in range(2):
        rule_firings.add(connection, "run-1", KEY, [WROTE], NOBODY, "", NOW)

    assert rule_firings.counts(connection, ["r1"], "live", NOW) == {"r1": (1, 1)}


def test_one_person_and_one_company_count_no_more_than_the_most_of_one(connection: Connection) -> None:
    for person in ("nina", "otto", "pia"):
        fired(connection, 4, Customer(requester=person, company="northwind"))
    fired(connection, 1, Customer(requester="pavel"))

    assert rule_firings.writes(connection, "r1", NOW, 2, None) == 2 + 1  # by company: the three are one customer
    assert rule_firings.writes(connection, "r1", NOW, 100, None) == 13


def test_only_live_writes_of_one_cause_are_counted(connection: Connection) -> None:
    fired(connection, 1, cause="message")
    fired(connection, 2, cause="time")
    fired(connection, 4, acted=Acted("r1", "live"))
    fired(connection, 8, acted=Acted("r1", "shadow", is_writing=True))

    assert rule_firings.writes(connection, "r1", NOW, 100, None) == 3
    assert rule_firings.writes(connection, "r1", NOW, 100, "time") == 2
    assert rule_firings.writes(connection, "r2", NOW, 100, None) == 0


def test_customers_on_whose_tickets_a_rule_was_held_include_this_one(connection: Connection) -> None:
    held: Kind = "held"
    for person, company in (("nina", "northwind"), ("otto", "northwind"), ("pavel", ""), ("", "")):
        fired(connection, 1, Customer(requester=person, company=company), Acted("r1", held))

    assert rule_firings.customers_held(connection, "r1", NOW, Customer(requester="nina", company="northwind")) == 2
    assert rule_firings.customers_held(connection, "r1", NOW, Customer(requester="zoe", company="lakeside")) == 3
    assert rule_firings.customers_held(connection, "r1", NOW, Customer(requester="pavel")) == 2


def test_whose_ticket_it_was_can_be_forgotten_and_that_rules_fired_stays(connection: Connection) -> None:
    fired(connection, 2, Customer(requester="nina", company="northwind"))
    rule_firings.add(connection, "other", OTHER_KEY, [WROTE], Customer(requester="pavel"), "", NOW)

    rule_firings.forget_customer(connection, KEY)

    assert set(connection.execute(select(table.c.requester, table.c.company)).all()) == {("", ""), ("pavel", "")}
    assert rule_firings.counts(connection, ["r1"], "live", NOW) == {"r1": (3, 2)}


STOP = Stop(rule="r1", semantic_hash="h1", stopped_at=NOW, author="ada", reason="spam wave")


def test_the_newest_word_about_a_rule_counts(connection: Connection) -> None:
    newer = Stop(rule="r1", semantic_hash="", stopped_at=later(hours=1), author="bob", reason="still", until=later(hours=2))
    rule_firings.stop(connection, STOP)

    rule_firings.stop(connection, newer)

    assert rule_firings.stops(connection) == [newer]


def test_a_rule_that_was_stopped_starts_once(connection: Connection) -> None:
    rule_firings.stop(connection, STOP)

    assert [rule_firings.start(connection, "r1") for _ in range(2)] == [True, False]
    assert rule_firings.stops(connection) == []


@pytest.mark.parametrize(("hours", "holds"), [(None, True), (1, True), (0, False), (-1, False)])
def test_a_stop_holds_until_its_time_or_until_somebody_says_so(hours: int | None, holds: bool) -> None:
    until = None if hours is None else later(hours=hours)

    assert Stop(rule="r", semantic_hash="", stopped_at=NOW, author="", reason="", until=until).holds(NOW) is holds
