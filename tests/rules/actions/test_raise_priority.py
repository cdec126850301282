"""`raise_priority`: to at least a priority, or by steps."""

from __future__ import annotations

from adapters.ticket import Priority
from rules.actions import raise_priority
from rules.model.effects import WantPriorityAtLeast, WantPrioritySteps
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_to_a_priority_means_at_least_that() -> None:
    assert wish_of(raise_priority, {"to": "high"}) == WantPriorityAtLeast(Priority.HIGH)


def test_steps_end_at_urgent_unless_the_rule_says_otherwise() -> None:
    assert wish_of(raise_priority, {"by": 2}) == WantPrioritySteps(2, Priority.URGENT)
    assert wish_of(raise_priority, {"by": 1, "up_to": "high"}) == WantPrioritySteps(1, Priority.HIGH)


def test_it_is_one_way_or_the_other() -> None:
    assert "write either `to: high` or `by: 1`" in refusal_of(raise_priority)
    assert "write either `to: high` or `by: 1`" in refusal_of(raise_priority, to="high", by=1)


def test_steps_are_one_to_three() -> None:
    assert "greater than or equal to 1" in refusal_of(raise_priority, by=0)
    assert "less than or equal to 3" in refusal_of(raise_priority, by=4)


def test_a_ticket_that_is_higher_already_is_not_lowered() -> None:
    assert decided("raise_priority: high", ticket={"subject": "x", "priority": "urgent"}).priority is None
