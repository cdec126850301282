"""Rules as they were written when a run decided by them."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store.rules import rule_sets
from rules.files.sources import Source
from tests.store.makers import NOW, later

SOURCES = [Source("rules.yaml", "rules: []\n"), Source("pack:vip", "# größer\nrules: []\n")]


def test_a_rule_set_comes_back_in_its_order_with_its_values(connection: Connection) -> None:
    rule_sets.keep(connection, "h1", SOURCES, {"vip": ["northwind.example"], "hours": 4}, NOW)

    assert rule_sets.find(connection, "h1") == (SOURCES, {"vip": ["northwind.example"], "hours": 4})


def test_a_set_that_no_run_decided_by_is_not_there(connection: Connection) -> None:
    assert rule_sets.find(connection, "h1") is None


def test_what_is_known_stays_as_it_is(connection: Connection) -> None:
    rule_sets.keep(connection, "h1", SOURCES, {}, NOW)

    rule_sets.keep(connection, "h1", [Source("other.yaml", "rules: []\n")], {"hours": 4}, later(days=1))

    assert rule_sets.find(connection, "h1") == (SOURCES, {})
