"""Which rules ran when, by whom and why; what was refused; what was tried on the past."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from bot.store.rules import rule_versions
from bot.store.rules.rule_versions import Backtest, Version
from rules.files.sources import Source
from tests.store.makers import NOW, later

FIRST = Version(
    number=1,
    made_at=NOW,
    author="ada",
    reason="the first",
    state="active",
    content_hash="c1",
    rules_hash="h1",
    sources=(Source("rules.yaml", "rules: []\n"),),
    values={"hours": 4},
    changes={"added": ["r1"]},
)
SECOND = replace(FIRST, number=2, content_hash="c2", rules_hash="h2", reason="the second", made_at=later(hours=1))
REFUSED = replace(SECOND, number=3, state="refused", sources=(), content_hash="c3", problems=("rules.yaml:2:5: no test",))


def add(connection: Connection, *versions: Version) -> None:
    for each in versions:
        rule_versions.add(connection, each)


def test_a_version_comes_back_as_it_went(connection: Connection) -> None:
    add(connection, FIRST, REFUSED)

    assert rule_versions.find(connection, 1) == FIRST
    assert rule_versions.find(connection, 3) == REFUSED
    assert rule_versions.find(connection, 2) is None


def test_before_the_first_nothing_runs(connection: Connection) -> None:
    assert (rule_versions.active(connection), rule_versions.active_number(connection)) == (None, 0)
    assert (rule_versions.next_number(connection), rule_versions.last_replaced(connection)) == (1, None)


def test_one_that_becomes_active_takes_the_place_of_the_one_before(connection: Connection) -> None:
    add(connection, FIRST, SECOND)

    assert rule_versions.active(connection) == SECOND
    assert rule_versions.active_number(connection) == 2
    assert rule_versions.last_replaced(connection) == replace(FIRST, state="replaced")


def test_one_that_was_refused_takes_nobodys_place(connection: Connection) -> None:
    add(connection, FIRST, REFUSED)

    assert rule_versions.active(connection) == FIRST
    assert rule_versions.next_number(connection) == 4
    assert [each.number for each in rule_versions.newest(connection, 5)] == [3, 1]
    assert rule_versions.newest(connection) == [REFUSED]


def test_a_number_that_somebody_else_took_is_refused(engine: Engine) -> None:
    with engine.begin() as connection:
        add(connection, FIRST)

    with pytest.raises(IntegrityError), engine.begin() as connection:
        add(connection, replace(SECOND, number=1))
    with engine.begin() as connection:
        assert rule_versions.active(connection) == FIRST


def test_one_that_was_taken_back_is_not_what_ran_before(connection: Connection) -> None:
    add(connection, FIRST, SECOND, replace(FIRST, number=4))

    rule_versions.withdraw(connection, 2)

    assert rule_versions.last_replaced(connection) == replace(FIRST, state="replaced")
    assert [each.state for each in rule_versions.newest(connection, 3)] == ["active", "withdrawn", "replaced"]


def test_the_newest_version_of_the_same_content_is_found(connection: Connection) -> None:
    add(connection, FIRST, SECOND, replace(FIRST, number=4))

    found = rule_versions.with_content(connection, "c1")

    assert found is not None
    assert found.number == 4
    assert rule_versions.with_content(connection, "c9") is None


def test_the_newest_backtest_of_the_same_rules_counts(connection: Connection) -> None:
    tried = Backtest(rules_hash="h2", against_hash="h1", history_hash="x", looks=300, made_at=NOW)
    rule_versions.keep_backtest(connection, tried)

    rule_versions.keep_backtest(connection, replace(tried, looks=10, made_at=later(days=1)))

    assert rule_versions.backtest_of(connection, "h2") == replace(tried, looks=10, made_at=later(days=1))
    assert rule_versions.backtest_of(connection, "h1") is None
