"""What a wish would change on a ticket, and whether that was our own last word."""

from __future__ import annotations

import pytest

from adapters.ticket import Agent, Priority, Status, Team, Ticket
from rules.engine.turns import is_turn, touched
from rules.model.effects import (
    WantAssignee,
    WantField,
    WantLink,
    WantPriority,
    WantPriorityAtLeast,
    WantPrioritySteps,
    WantStatus,
    WantTags,
    WantTeam,
    Wish,
)

TICKET = Ticket(
    priority=Priority.HIGH,
    status=Status.OPEN,
    tags=frozenset({"vip"}),
    team=Team(external_id="7", name="Billing"),
    assignee=Agent(external_id="17", name="Anna", email="anna.agent@example.com"),
    custom={"seats": 5},
)


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        (WantPriority(Priority.LOW), {"priority"}),
        (WantPriorityAtLeast(Priority.URGENT), {"priority"}),
        (WantPrioritySteps(1, Priority.URGENT), {"priority"}),
        (WantStatus(Status.PENDING), {"status"}),
        (WantTeam("Senior"), {"team"}),
        (WantAssignee("ben.agent@example.com"), {"assignee"}),
        (WantField("seats", 6), {"field:seats"}),
        (WantField("plan", "gold"), {"field:plan"}),
        (WantTags(add=frozenset({"vip", "new"}), remove=frozenset({"gone"})), {"tag:new"}),
        (WantTags(remove=frozenset({"vip"})), {"tag:vip"}),
    ],
)
def test_what_would_be_another_is_named(wish: Wish, names: set[str]) -> None:
    assert touched(wish, TICKET) == names


@pytest.mark.parametrize(
    "wish",
    [
        WantPriority(Priority.HIGH),
        WantPriorityAtLeast(Priority.NORMAL),
        WantPrioritySteps(2, Priority.NORMAL),
        WantStatus(Status.OPEN),
        WantTeam("BILLING"),
        WantTeam("7"),
        WantAssignee("Anna.Agent@example.com"),
        WantAssignee("anna"),
        WantField("seats", 5),
        WantTags(add=frozenset({"vip"}), remove=frozenset({"gone"})),
        WantLink("12"),
    ],
)
def test_what_stands_there_already_or_is_only_added_changes_nothing(wish: Wish) -> None:
    assert touched(wish, TICKET) == frozenset()


def test_whoever_is_asked_for_is_new_on_a_ticket_of_nobodys() -> None:
    assert touched(WantTeam("Billing"), Ticket()) | touched(WantAssignee("anna"), Ticket()) == {"team", "assignee"}


def test_it_is_a_turn_only_where_our_own_word_stands() -> None:
    wishes: list[Wish] = [WantLink("12"), WantPriority(Priority.LOW)]

    assert is_turn(wishes, TICKET, frozenset({"priority"}))
    assert not is_turn(wishes, TICKET, frozenset({"status"}))
    assert not is_turn([], TICKET, frozenset({"priority"}))
