"""Rules as one set: asked for by id, with one left out, with stages as if live."""

from __future__ import annotations

from tests.rules.build import messages_of, one_rule, rule


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
