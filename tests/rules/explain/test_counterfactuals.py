"""Why a rule fired or not, and that every suggested change turns its verdict (our first F6)."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from rules.engine.decide import decide
from rules.engine.rule import Stage
from rules.engine.ruleset import RuleSet
from rules.explain.counterfactuals import Flip, Why, why
from rules.explain.field_paths import Change, with_change
from rules.language.facts_json import facts_from_json
from rules.loading.load import load_rules, pack_names, read_sources
from rules.model.canonical_json import facts_to_json
from rules.model.facts import Facts
from tests.rules.build import facts_of, one_rule

PARTS = 4  # of the rules of all packs


def asked(rules: RuleSet, **tree: Any) -> Why:
    return why(rules, facts_of(**tree), "r")


def turned(rules: RuleSet, facts: Facts, answer: Why) -> list[bool]:
    """For each suggestion, whether it turns the verdict where the facts are changed as it says."""
    after = [
        next(
            each
            for each in decide(rules, facts_from_json(with_change(facts_to_json(facts), flip.change))).rules
            if each.id == answer.result.id
        )
        for flip in answer.flips
    ]
    return [not each.matched if answer.result.fired else each.fired for each in after]


@pytest.mark.parametrize(
    ("condition", "tree", "place", "to"),
    [
        ("company.tier: enterprise", {"company": {"tier": "standard"}}, ("company", "tier"), "enterprise"),
        ("company.tier: {at_least: professional}", {}, ("company", "tier"), "professional"),
        ("company.arr: {over: 500}", {"company": {"arr": 500}}, ("company", "arr"), 501),
        ("subject: {has_any: [down, outage]}", {"ticket": {"subject": "Help"}}, ("ticket", "subject"), "Help down"),
        ("tags: {has: vip}", {"ticket": {"tags": ["beta"]}}, ("ticket", "tags"), ["beta", "vip"]),
        ("not: {tags: {has: vip}}", {"ticket": {"tags": ["beta", "vip"]}}, ("ticket", "tags"), ["beta"]),
        (
            "issue_type: {is: outage, confidence: 0.7}",
            {"signals": {"issue_type": {"value": "outage", "score": 0.4}}},
            ("signals", "issue_type"),
            {"value": "outage", "score": 0.7},
        ),
        (
            "issue: billing.invoice",
            {"signals": {"issue": "billing.charge.double"}},
            ("signals", "issue"),
            {"value": "billing.invoice"},
        ),
        ("not: {issue: billing}", {"signals": {"issue": "billing.charge"}}, ("signals", "issue"), {"value": "bug"}),
        ("assignee: ann@example.com", {}, ("ticket", "assignee"), {"email": "ann@example.com"}),
        ("team: Senior", {}, ("ticket", "team"), {"name": "Senior"}),
        ("in_working_time: false", {}, ("in_working_time",), False),
        ("clocks.resolution_left: {under: 30 min}", {"clocks": {"resolution_left": 2}}, ("clocks", "resolution_left"), None),
        ("agent_replies: {at_least: 2}", {}, ("ticket", "messages"), None),
        (
            "company.renewal_in: {under: 30 days}",
            {"company": {"renewal_at": "2027-01-01T00:00:00Z"}},
            ("company", "renewal_at"),
            None,
        ),
        ("created_at: {older_than: 4 h}", {"ticket": {"created_at": "2026-01-05T11:00:00Z"}}, ("ticket", "created_at"), None),
        ("custom.plan: gold", {}, ("ticket", "custom", "plan"), "gold"),
        ("priority: {changed_to: urgent}", {}, ("changes", "priority"), ["none", "urgent"]),
        (
            "text: {has: refund}",
            {"ticket": {"messages": [{"body_text": "Hello"}]}},
            ("ticket", "messages", 0, "body_text"),
            "Hello refund",
        ),
        ("company.custom.seats: {at_least: 10}", {"company": {"custom": {"seats": 4}}}, ("company", "custom", "seats"), 10),
    ],
)
def test_one_change_is_named_where_it_stands(condition: str, tree: dict[str, Any], place: tuple[Any, ...], to: Any) -> None:
    rules = one_rule(f"{{{condition}}}")
    answer = asked(rules, **tree)

    flip = answer.flips[0]
    assert answer.first is not None
    assert flip.change.place == place
    assert to is None or flip.change.to == to
    assert all(turned(rules, facts_of(**tree), answer))


def test_what_a_fired_rule_rests_on_is_named_too() -> None:
    answer = asked(one_rule("{company.tier: enterprise, in_working_time: true}"), company={"tier": "enterprise"})

    assert answer.result.fired
    assert answer.first is None
    assert {each.field for each in answer.flips} == {"company.tier", "in_working_time"}


def test_two_failing_conditions_are_named_and_no_change_is_promised() -> None:
    answer = asked(one_rule("{all: [{company.tier: enterprise}, {subject: {has: down}}]}"))

    assert answer.flips == ()
    assert answer.needs == ("when.all[0].company.tier", "when.all[1].subject")


def test_a_rule_that_was_not_asked_names_the_event() -> None:
    answer = asked(one_rule("{in_working_time: true}"), events=["note.created"])

    assert [each.change.to for each in answer.flips] == [["customer.replied"], ["ticket.created"]]


@pytest.mark.parametrize(
    ("condition", "tree", "to"),
    [
        ("frustration: {at_least: 0.85}", {"signals": {"frustration": 0.58}}, {"value": 0.85}),
        ("frustration: {over: 0.85}", {"signals": {"frustration": 0.58}}, {"value": 0.86}),
        ("frustration: {under: 0.55}", {"signals": {"frustration": 0.58}}, {"value": 0.54}),
    ],
)
def test_a_share_stays_one(condition: str, tree: dict[str, Any], to: Any) -> None:
    answer = asked(one_rule(f"{{{condition}}}"), **tree)

    told: list[Any] = [each.change.to for each in answer.flips]
    assert told[0] == to
    assert all(0 <= each["value"] <= 1 for each in told)


def test_a_new_ticket_s_status_is_told_though_the_facts_leave_it_out() -> None:
    answer = asked(one_rule("{status: solved}"), ticket={"subject": "Hello"})

    assert [(each.change.was, each.change.to) for each in answer.flips] == [("new", "solved")]


def test_no_such_rule() -> None:
    with pytest.raises(KeyError):
        why(one_rule("{in_working_time: true}"), facts_of(), "other")


@pytest.mark.parametrize("part", range(PARTS))
def test_every_suggestion_on_a_generated_corpus_turns_the_verdict(part: int) -> None:
    """The rules of all packs over their own tests' facts, crossed: each rule is asked about what another one is about."""
    shipped = load_rules(read_sources([f"pack:{name}" for name in pack_names()], Path())).as_if_live(*Stage)
    rules, draw = shipped, random.Random(20261121 + part)
    cases = [case.facts for rule in rules.rules for case in rule.tests]
    told = silent = 0
    for rule in list(rules.rules)[part::PARTS]:
        for facts in draw.sample(cases, 8):
            answer = why(rules, facts, rule.id)
            assert all(turned(rules, facts, answer)), (rule.id, answer.flips)
            told += len(answer.flips)
            silent += not answer.flips and not answer.needs and not answer.result.because
    assert told > 300 // PARTS
    assert silent == 0


@pytest.mark.parametrize(
    ("was", "to", "shown"),
    [
        ({"value": "fr", "score": 0.9}, {"value": ""}, "fr (0.9) -> (nothing)"),
        (None, {"value": "de", "score": 1}, "(nothing) -> de"),
        (0, ["vip"], "0 -> ['vip']"),
        (False, "x" * 99, f"False -> {'x' * 57}..."),
    ],
)
def test_a_change_is_shown_as_people_read_it(was: Any, to: Any, shown: str) -> None:
    change = Change(("signals", "language"), was, to)

    assert str(Flip(step="when", field="language", change=change)) == f"signals.language: {shown}"
