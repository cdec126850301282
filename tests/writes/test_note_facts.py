"""Why, in facts: no rule's title, each score by its name, and one reason for the priority."""

from __future__ import annotations

from typing import Any

import pytest

from bot.writes.note_facts import customer, facts_of, of_priority, understood, used
from rules.engine.decide import decide
from rules.model.decision import Decision
from rules.model.facts import Facts
from tests.rules.build import facts_of as given
from tests.rules.build import rules_of

NOW = "2026-11-21T12:00:00Z"
NORTHWIND = {"name": "Northwind", "tier": "enterprise", "arr": 120000, "mrr": 10000, "renewal_at": "2026-12-11T12:00:00Z"}


def facts(**more: Any) -> Facts:
    return given(**{"now": NOW, "company": NORTHWIND, **more})


def decided(rules: str, **more: Any) -> tuple[Facts, Decision]:
    found = facts(**more)
    return found, decide(rules_of(f"rules:{rules}"), found)


def test_the_customer_in_one_line() -> None:
    assert customer(facts()) == "Northwind, enterprise, ARR 120,000, renews in 20 days"
    assert customer(given()) == ""


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-11-22T08:00:00Z", "renews in 20 h"),
        ("2027-06-01T00:00:00Z", ""),
        ("2026-11-01T00:00:00Z", "renewal was 2026-11-01"),
    ],
)
def test_a_renewal_counts_where_it_is_near(at: str, told: str) -> None:
    assert customer(facts(company={"renewal_at": at})) == told


def test_signals_have_their_scores_and_the_issue_its_own() -> None:
    signals = {
        "issue": {"value": "billing.charge.double", "score": 0.951},
        "severity": {"value": "p3", "score": 0.7},
        "sentiment": {"value": "angry", "score": 0.93},
        "asks_for_management": {"value": True, "score": 0.85},
        "wants_cancel": {"value": False, "score": 0.8},
        "churn_level": {"value": "low", "score": 0.5},
        "legal_words": {"value": ["lawyer"], "score": 0.85},
    }

    assert understood(facts(signals=signals)) == (
        "issue billing.charge.double 0.95, p3",
        "angry 0.93",
        "asks for a manager 0.85",
        "legal words 0.85",
    )


def test_a_likely_double_is_named_after_the_issue() -> None:
    issue = {"issue": {"value": "access.code", "score": 0.9}}
    of_person = {"value": "4711", "score": 0.951, "why": "sounds alike: open, of the same person"}
    of_company = {"value": "4711", "score": 0.9, "why": "sounds alike: open, of the same company"}

    assert understood(given(signals={**issue, "duplicate_of": of_person})) == ("issue access.code 0.90", "sounds like #4711 0.95")
    assert understood(given(signals={"duplicate_of": of_company})) == ("sounds like #4711 0.90 (same company)",)
    assert understood(given(signals={"duplicate_of": {"value": "", "score": 0.9}})) == ()


def test_an_issue_that_nobody_recognised_has_no_certainty() -> None:
    assert understood(facts(signals={"issue": {"value": "other", "score": 0.3}})) == ("issue not recognised",)


def test_a_rule_is_told_by_what_its_conditions_found() -> None:
    found, decision = decided(
        """
- {id: a, name: A title nobody reads, when: {all: [{company.health: {under: 40}}, {is_spam: false}]}, then: [{add_tags: [x]}]}
- {id: b, name: Again, when: {tickets_by_requester: {last: 30 days, same_issue: true, at_least: 3}}, then: [{add_tags: [y]}]}
- {id: c, name: Not so, when: {not: {rating: {at_least: 3}}}, then: [{add_tags: [z]}]}
""",
        company={"health": 39},
        counts={"tickets_by_requester.30d.same_issue": 3},
        ticket={"subject": "x", "rating": 1},
    )

    assert used(found, decision) == ("health 39", "3 tickets by this person in 30 days on the same issue")
    assert "title" not in " ".join(facts_of(found, decision))


def test_the_priority_has_the_facts_that_raised_it_last() -> None:
    found, decision = decided(
        """
- {id: a, name: P3, when: {severity: p3}, then: [{raise_priority: normal}]}
- {id: b, name: Tier, when: {company.tier: enterprise}, then: [{raise_priority: {by: 1}}]}
- {id: c, name: Money, when: {company.mrr: {at_least: 5000}}, then: [{raise_priority: {by: 1}}]}
- {id: d, name: Loses, when: {sentiment: angry}, then: [{raise_priority: low}]}
""",
        signals={"severity": "p3", "sentiment": "angry"},
    )

    assert decision.priority == "urgent"
    assert of_priority(found, decision) == ("MRR 10,000", "enterprise", "p3")


def test_what_a_model_adds_is_told_with_its_name() -> None:
    added = {"value": ["billing", "data_loss.missing.disappeared"], "score": 0.5, "source": "model m"}
    nothing = {"value": "p3", "score": 0.7}
    found = facts(signals={"issues": {"value": ["billing"]}, "opinion.issues": added, "opinion.severity": nothing})

    assert understood(found)[-1] == "model m adds data_loss.missing.disappeared"
    assert understood(facts(signals={"opinion.severity": nothing})) == ()
