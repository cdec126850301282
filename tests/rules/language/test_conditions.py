"""The three-valued logic of conditions, and the trace that they leave."""

from __future__ import annotations

import pytest

from rules.engine.decide import decide
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
