"""What rules remember about a ticket."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, func, select

from adapters.codec import Unreadable, dumps, loads
from bot.store.database.schema import rule_looks, rule_state
from bot.store.rules import rule_states
from rules.model.facts import RuleState
from tests.store.makers import KEY, NOW, OTHER_KEY

HELD = RuleState(rule="r1", semantic_hash="h1", held=True, fired=2, fired_at=(NOW,), message_id="m1")
LOOKED = RuleState(rule="r2", semantic_hash="h2")


def count(connection: Connection, table: object) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()  # type: ignore[arg-type]


def an_older_version_kept(connection: Connection, *states: RuleState) -> None:
    """A row for each rule."""
    of_it = {"account": KEY.account, "kind": KEY.kind.value, "external_id": KEY.external_id, "mode": "live"}
    rows = [of_it | {"rule": each.rule, "semantic_hash": each.semantic_hash, "state": dumps(each)} for each in states]
    connection.execute(rule_state.insert(), rows)


def test_rules_remember_live_and_shadow_apart(connection: Connection) -> None:
    rule_states.keep(connection, KEY, "live", {"r1": HELD}, NOW)

    assert rule_states.of_ticket(connection, KEY, "live") == {"r1": HELD}
    assert rule_states.of_ticket(connection, KEY, "shadow") == {}
    assert rule_states.of_ticket(connection, OTHER_KEY, "live") == {}


def test_a_rules_newer_state_takes_the_place_of_the_older(connection: Connection) -> None:
    old = {name: RuleState(rule=name, semantic_hash="h1", held=True) for name in ("r1", "r2")}
    rule_states.keep(connection, KEY, "live", old, NOW)

    rule_states.keep(connection, KEY, "live", {"r1": RuleState(rule="r1", semantic_hash="h2")}, NOW)
    rule_states.keep(connection, KEY, "live", {}, NOW)

    assert rule_states.of_ticket(connection, KEY, "live") == {**old, "r1": RuleState(rule="r1", semantic_hash="h2")}


def test_a_rule_that_has_only_looked_is_known_to_have_looked(connection: Connection) -> None:
    rule_states.keep(connection, KEY, "live", {"r1": HELD, "r2": LOOKED}, NOW)

    assert rule_states.of_ticket(connection, KEY, "live") == {"r1": HELD, "r2": LOOKED}


def test_a_thousand_tickets_that_the_same_rules_have_looked_at_share_the_looks(connection: Connection) -> None:
    rules = {f"r{number}": RuleState(rule=f"r{number}", semantic_hash="h" * 64) for number in range(52)}
    for key in (KEY, OTHER_KEY):
        rule_states.keep(connection, key, "live", {**rules, "r1": HELD}, NOW)
        rule_states.keep(connection, key, "live", rules, NOW)

    assert (count(connection, rule_state), count(connection, rule_looks)) == (2, 2)  # r1 had another hash at first
    assert rule_states.of_ticket(connection, OTHER_KEY, "live") == rules


def test_a_rule_that_is_gone_and_comes_back_knows_what_it_knew(connection: Connection) -> None:
    rule_states.keep(connection, KEY, "live", {"r1": HELD, "r2": LOOKED}, NOW)

    rule_states.keep(connection, KEY, "live", {"r3": RuleState(rule="r3", semantic_hash="h3")}, NOW)

    assert rule_states.of_ticket(connection, KEY, "live").keys() == {"r1", "r2", "r3"}
    assert rule_states.of_ticket(connection, KEY, "live")["r1"] == HELD


def test_rows_of_an_earlier_version_are_read_and_go_with_the_next_run(connection: Connection) -> None:
    an_older_version_kept(connection, HELD, LOOKED)
    assert rule_states.of_ticket(connection, KEY, "live") == {"r1": HELD, "r2": LOOKED}

    rule_states.keep(connection, KEY, "live", {"r3": RuleState(rule="r3", semantic_hash="h3")}, NOW)

    assert count(connection, rule_state) == 1
    assert rule_states.of_ticket(connection, KEY, "live") == {
        "r1": HELD,
        "r2": LOOKED,
        "r3": RuleState(rule="r3", semantic_hash="h3"),
    }


def test_a_worker_of_an_earlier_version_leaves_the_ticket_to_newer_ones(connection: Connection) -> None:
    rule_states.keep(connection, KEY, "live", {"r1": HELD}, NOW)

    row = connection.execute(select(rule_state)).one()

    with pytest.raises(Unreadable):
        loads(RuleState, row.state)  # as it did for each row


def test_looks_that_are_not_kept_are_no_first_looks(connection: Connection) -> None:
    rule_states.keep(connection, KEY, "live", {"r1": HELD}, NOW)
    connection.execute(rule_looks.delete())

    with pytest.raises(Unreadable):
        rule_states.of_ticket(connection, KEY, "live")
