"""Rules as one set: asked for by id, with one left out, with stages as if live."""

from __future__ import annotations

import pytest

from rules.engine.decide import decide
from rules.engine.rule import Stage
from rules.engine.ruleset import RuleSet
from tests.rules.build import facts_of, messages_of, one_rule, rule, rules_of


def test_a_rule_set_says_whether_it_chooses() -> None:
    assert one_rule("{subject: x}", "[{assign_agent: {team: Billing}}]").chooses_agents
    assert not one_rule("{subject: x}", "[{assign_agent: a@example.com}]").chooses_agents


def test_a_stage_changes_the_sets_hash_and_not_the_rules() -> None:
    live, shadow = (one_rule("{subject: hot}", more=f"stage: {stage}") for stage in ("live", "shadow"))

    assert live.hash == one_rule("{subject: hot}").hash != shadow.hash
    assert [each.semantic_hash for each in live.rules] == [each.semantic_hash for each in shadow.rules]
    assert messages_of("rules:\n" + rule("{subject: a}", more="stage: shadwo")) == [
        "2:53: stage: shadwo: no such stage, did you mean shadow?"
    ]


@pytest.fixture
def three() -> RuleSet:
    """Live, in shadow, a draft; in two files."""
    first = "rules:\n" + rule("{subject: x}", "[add_tags: a]", "a") + rule("{subject: x}", "[add_tags: b]", "b", "stage: shadow")
    return rules_of(first, "rules:\n" + rule("{subject: x}", "[add_tags: c]", "c", "stage: draft"))


def test_rules_come_in_the_order_of_the_files(three: RuleSet) -> None:
    assert [each.id for each in three.rules] == ["a", "b", "c"]


def test_a_rule_is_found_by_its_id_or_not_at_all(three: RuleSet) -> None:
    assert getattr(three.rule("c"), "id", None) == "c"
    assert three.rule("d") is None


def test_one_rule_is_left_out_and_the_set_itself_stays(three: RuleSet) -> None:
    others = three.without("a")

    assert [each.id for each in others.rules] == ["b", "c"]
    assert decide(others, facts_of(ticket={"subject": "x"})).tags_add == frozenset()
    assert [each.id for each in three.rules] == ["a", "b", "c"]


def test_only_the_stages_that_are_named_are_taken_for_live(three: RuleSet) -> None:
    would = three.as_if_live(Stage.SHADOW)

    assert decide(would, facts_of(ticket={"subject": "x"})).tags_add == {"a", "b"}
    assert [each.stage for each in would.rules] == [Stage.LIVE, Stage.LIVE, Stage.DRAFT]


def test_a_set_with_none_of_them_is_the_set_itself() -> None:
    live = one_rule("{subject: x}")

    assert live.as_if_live(Stage.DRAFT, Stage.SHADOW) is live
    assert RuleSet().rule("a") is None
