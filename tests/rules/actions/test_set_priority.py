"""`set_priority`: exactly this one."""

from __future__ import annotations

from adapters.ticket import Priority
from rules.actions import set_priority
from rules.model.effects import WantPriority
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_exactly_this_priority_is_wanted() -> None:
    assert wish_of(set_priority, {"to": "low"}) == WantPriority(Priority.LOW)


def test_it_may_lower_and_the_later_one_wins() -> None:
    decision = decided("{set_priority: high}, {set_priority: low}", ticket={"subject": "x", "priority": "urgent"})

    assert decision.priority is Priority.LOW


def test_a_word_that_is_no_priority_is_refused() -> None:
    assert "'urgent'" in refusal_of(set_priority, to="hottest")
