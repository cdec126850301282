"""The three-valued logic of conditions, and the trace that they leave."""

from __future__ import annotations

from datetime import date

import pytest

from rules.engine.decide import decide
from rules.language.conditions import combined_all, first_failing, jsonable, leaves_of
from rules.language.operators import NO, UNKNOWN, YES, Answer
from rules.model.view import View
from tests.rules.build import facts_of, holds, messages_of, one_rule, rule


def test_a_signal_condition_can_ask_for_a_score() -> None:
    when = "{issue_type: {is: outage, confidence: 0.7}}"

    assert holds(when, signals={"issue_type": {"value": "outage", "score": 0.7}})
    assert not holds(when, signals={"issue_type": {"value": "outage", "score": 0.69}})
    assert not holds(when, signals={"issue_type": {"value": "bug", "score": 0.9}})


def test_a_score_too_low_is_named_in_the_trace() -> None:
    decision = decide(
        one_rule("{issue_type: {is: outage, confidence: 0.7}}"),
        facts_of(signals={"issue_type": {"value": "outage", "score": 0.4}}),
    )

    assert decision.rules[0].steps[0].why == "signal score 0.40 < 0.7"


UNKNOWN_CASES = [
    ("{company.tier: enterprise}", False),
    ("{company.tier: {known: false}}", True),
    ("{company.tier: {known: true}}", False),
    ("{not: {company.tier: enterprise}}", False),
    ("{not: {not: {company.tier: enterprise}}}", False),
    ("{not: {company.tier: {known: true}}}", True),
    ("{any: [{company.tier: enterprise}, {subject: x}]}", True),
    ("{not: {any: [{company.tier: enterprise}, {subject: x}]}}", False),
    ("{all: [{company.tier: enterprise}, {subject: x}]}", False),
    ("{not: {all: [{company.tier: enterprise}, {subject: y}]}}", True),
    ("{not: {all: [{company.tier: enterprise}, {subject: x}]}}", False),
]


@pytest.mark.parametrize(("when", "expected"), UNKNOWN_CASES)
def test_an_unknown_fact_holds_nothing_but_known_false(when: str, expected: bool) -> None:
    assert holds(when, ticket={"subject": "x"}) is expected


def test_the_trace_names_every_condition_by_its_path_and_repeats_no_customer_text() -> None:
    when = "{all: [{subject: {has: down}}, {any: [{company.tier: enterprise}, {not: {tags: {has: x}}}]}]}"

    steps = decide(one_rule(when), facts_of(ticket={"subject": "My secret is down"})).rules[0].steps

    assert [(step.path, step.holds) for step in steps] == [
        ("when.all", True),
        ("when.all[0].subject", True),
        ("when.all[1].any", True),
        ("when.all[1].any[0].company.tier", False),
        ("when.all[1].any[1].not", True),
        ("when.all[1].any[1].not.tags", False),
    ]
    assert "secret" not in str(steps)
    assert steps[3].why == "not known"


def test_a_path_that_is_not_in_the_table_is_refused_with_a_suggestion() -> None:
    [found] = messages_of("rules:\n" + rule("{issue: billing.invoices}"))

    assert "billing.invoices: no such value, did you mean billing.invoice?" in found


def test_the_first_part_that_does_not_hold_is_named() -> None:
    condition = next(one_rule("{all: [{subject: x}, {company.tier: enterprise}, {status: open}]}").rules).when

    assert first_failing(condition, View(facts_of(ticket={"subject": "x"}))) == "when.all[1].company.tier"
    assert first_failing(condition, View(facts_of(ticket={"status": "open"}))) == "when.all[0].subject"


@pytest.mark.parametrize("when", ["{any: [{subject: y}]}", "{not: {subject: x}}", "{subject: x}"])
def test_where_no_single_part_settles_it_none_is_named(when: str) -> None:
    condition = next(one_rule(when).rules).when

    assert first_failing(condition, View(facts_of(ticket={"subject": "x"}))) == ""


def test_below_not_a_condition_is_wanted_not_to_hold() -> None:
    condition = next(one_rule("{subject: x, not: {any: [{status: open}, {not: {tags: a}}]}}").rules).when

    found = [(leaf.field.name, is_wanted) for leaf, is_wanted in leaves_of(condition)]

    assert found == [("subject", True), ("status", False), ("tags", True)]


def test_several_operators_on_a_field_answer_no_before_unknown_before_yes() -> None:
    assert combined_all([YES, UNKNOWN, NO]) is NO
    assert combined_all([YES, UNKNOWN]) is UNKNOWN
    assert combined_all([YES, Answer(True, "has 'x'")]) == Answer(True, "has 'x'")


def test_what_was_written_is_kept_as_json() -> None:
    assert jsonable({1: [date(2026, 1, 5), float("inf"), None, "x"]}) == {"1": ["2026-01-05", "inf", None, "x"]}
