"""Wishes of several rules: what wins, what adds up, who is named as the loser."""

from __future__ import annotations

from adapters.ticket import Priority
from rules.engine.decide import decide
from rules.model.decision import Decision
from tests.rules.build import facts_of, rule, rules_of

HOT = facts_of(ticket={"subject": "hot"})


def test_the_later_rule_wins_a_field_and_the_loser_is_named() -> None:
    text = "rules:\n" + rule("{subject: hot}", "[assign_team: A, set_priority: high]", "a")
    text += rule("{subject: hot}", "[assign_team: B, set_priority: low]", "b")

    decision = decide(rules_of(text), HOT)

    assert (decision.team, decision.priority) == ("B", Priority.LOW)
    assert decision.by["team"] == ("b",)
    assert {(lost.field, lost.value, lost.rule, lost.to_rule) for lost in decision.lost} == {
        ("team", "A", "a", "b"),
        ("priority", "high", "a", "b"),
    }


def _raised(actions: list[str], priority: str = "none") -> Decision:
    text = "rules:\n" + "".join(rule("{subject: x}", f"[{each}]", f"r{n}") for n, each in enumerate(actions))
    return decide(rules_of(text), facts_of(ticket={"subject": "x", "priority": priority}))


def test_raising_never_lowers() -> None:
    decision = _raised(["raise_priority: normal"], "urgent")

    assert decision.priority is None
    assert [(lost.rule, lost.to_rule) for lost in decision.lost] == [("r0", "ticket")]


def test_one_step_raises_add_up_to_their_cap() -> None:
    step = "raise_priority: {by: 1, up_to: high}"

    assert _raised([step], "low").priority is Priority.NORMAL
    assert _raised([step, step], "low").priority is Priority.HIGH
    assert _raised([step, step, step], "low").priority is Priority.HIGH
    assert _raised(["raise_priority: {by: 1}", "raise_priority: {by: 1}"], "normal").priority is Priority.URGENT
    assert _raised([step, step], "low").by["priority"] == ("r0", "r1")


def test_a_step_under_its_cap_does_not_lower_what_is_above_it() -> None:
    decision = _raised(["raise_priority: {by: 1, up_to: normal}"], "urgent")

    assert decision.priority is None


def test_a_ticket_without_priority_counts_as_normal_when_raised_by_steps() -> None:
    assert _raised(["raise_priority: {by: 1}"]).priority is Priority.HIGH
    assert _raised(["raise_priority: low", "raise_priority: {by: 1}"]).priority is Priority.NORMAL


def test_add_and_remove_of_one_tag_end_with_the_later_wish() -> None:
    text = "rules:\n" + rule("{subject: hot}", "[add_tags: t]", "a") + rule("{subject: hot}", "[remove_tags: t]", "b")

    decision = decide(rules_of(text), HOT)

    assert not decision.tags_add
    assert decision.tags_remove == {"t"}
    assert [(lost.field, lost.rule, lost.to_rule) for lost in decision.lost] == [("tag:t", "a", "b")]
