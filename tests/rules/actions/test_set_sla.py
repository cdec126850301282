"""`set_sla`: a response policy by name."""

from __future__ import annotations

from rules.actions import set_sla
from rules.model.effects import WantSla
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_a_policy_is_wanted_by_name() -> None:
    assert wish_of(set_sla, {"policy": " enterprise "}) == WantSla("enterprise")
    assert decided("set_sla: enterprise").sla_policy == "enterprise"


def test_the_later_policy_wins_and_the_loser_is_named() -> None:
    decision = decided("{set_sla: standard}, {set_sla: enterprise}")

    assert decision.sla_policy == "enterprise"
    assert [(lost.field, lost.value) for lost in decision.lost] == [("sla", "standard")]


def test_a_policy_without_a_name_is_refused() -> None:
    assert "policy" in refusal_of(set_sla, policy=" ")
