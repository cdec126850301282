"""What rules remember about a ticket."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store.rules import rule_states
from rules.model.facts import RuleState
from tests.store.makers import KEY, NOW, OTHER_KEY


def test_rules_remember_live_and_shadow_apart(connection: Connection) -> None:
    held = RuleState(rule="r1", semantic_hash="h1", held=True, fired=2, fired_at=(NOW,), message_id="m1")

    rule_states.keep(connection, KEY, "live", {"r1": held})

    assert rule_states.of_ticket(connection, KEY, "live") == {"r1": held}
    assert rule_states.of_ticket(connection, KEY, "shadow") == {}
    assert rule_states.of_ticket(connection, OTHER_KEY, "live") == {}


def test_a_rules_newer_state_takes_the_place_of_the_older(connection: Connection) -> None:
    old = {name: RuleState(rule=name, semantic_hash="h1", held=True) for name in ("r1", "r2")}
    rule_states.keep(connection, KEY, "live", old)

    rule_states.keep(connection, KEY, "live", {"r1": RuleState(rule="r1", semantic_hash="h2")})
    rule_states.keep(connection, KEY, "live", {})

    assert rule_states.of_ticket(connection, KEY, "live") == {**old, "r1": RuleState(rule="r1", semantic_hash="h2")}
