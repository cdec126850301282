"""What stands on a ticket as our own last word, and what somebody changed since."""

from __future__ import annotations

from dataclasses import replace

from adapters.ticket import Agent, Priority, Team, Ticket
from bot.facts.own_values import is_same, own_values, value_of
from bot.store.tickets import Memory

ANNA = Agent(external_id="8", name="Anna Agent", email="anna.agent@example.com")
TICKET = Ticket(
    priority=Priority.HIGH,
    tags=frozenset({"vip"}),
    team=Team(external_id="t1", name="Tier 1"),
    assignee=ANNA,
    custom={"area": "web"},
)


def test_a_team_is_its_name_and_an_agent_the_address() -> None:
    found = [value_of(TICKET, name) for name in ("team", "assignee", "field.area", "field.none", "priority")]

    assert found == ["Tier 1", "anna.agent@example.com", "web", None, "high"]


def test_nobody_assigned_is_no_value() -> None:
    assert (value_of(Ticket(), "team"), value_of(Ticket(), "assignee")) == (None, None)


def test_a_team_or_an_agent_is_the_same_by_any_of_its_names() -> None:
    assert is_same("TIER 1", "Tier 1", TICKET, "team")
    assert is_same("t1", "Tier 1", TICKET, "team")
    assert is_same("anna agent", ANNA.email, TICKET, "assignee")
    assert not is_same("Tier 2", "Tier 1", TICKET, "team")


def test_ours_is_what_we_set_and_nobody_has_changed() -> None:
    memory = Memory(set_by_us={"priority": "high", "field.area": "app", "team": "t1"})

    assert own_values(memory, TICKET) == {"priority", "team"}


def test_a_field_is_ours_under_its_name_in_facts() -> None:
    assert own_values(Memory(set_by_us={"field.area": "web"}), TICKET) == {"field:area"}


def test_tags_are_ours_that_we_put_on_and_that_stayed_off() -> None:
    memory = Memory(tags_put=frozenset({"vip", "gone"}), tags_taken=frozenset({"old", "back"}))

    assert own_values(memory, replace(TICKET, tags=frozenset({"vip", "back"}))) == {"tag:vip", "tag:old"}
