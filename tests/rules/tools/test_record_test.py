"""A test out of a real ticket: it holds what the rule needs, and nothing of the customer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rules.engine.ruleset import RuleSet
from rules.model.facts import Facts
from rules.tools.record_test import NotRedacted, Recorded, record
from rules.tools.run_tests import failures
from tests.rules.build import facts_of, one_rule, rules_of

REAL: dict[str, Any] = {
    "ticket": {
        "account": "acme",
        "external_id": "4711",
        "url": "https://acme.example.com/4711",
        "subject": "Our production is down, says Herr Meier-Schmidt",
        "status": "open",
        "priority": "normal",
        "tags": ["eu", "secret-project"],
        "requester": {"name": "Meier-Schmidt", "emails": ["meier@customer.example"]},
        "messages": [
            {"external_id": "m1", "body_text": "Nothing works since 09:40. Call me: +49 30 1234567"},
            {"external_id": "m2", "direction": "out", "author_kind": "agent", "body_text": "Dear Herr Meier-Schmidt"},
        ],
    },
    "company": {"name": "Meier GmbH", "tier": "enterprise", "arr": 90_000},
    "signals": {"issue_type": {"value": "outage", "score": 0.9, "why": "words found: production is down"}},
}
PRIVATE = ("Meier", "meier", "4711", "secret-project", "1234567", "09:40", "production")


def recorded(rules: RuleSet, facts: Facts | None = None) -> Recorded:
    return record(next(rules.rules), facts or facts_of(**REAL), rules)


@pytest.mark.parametrize(
    ("when", "then", "wanted"),
    [
        ("{company.tier: enterprise}", "[{set_priority: high}]", {"company": {"tier": "enterprise"}}),
        ("{subject: {has_any: [outage, down]}}", "[{set_priority: high}]", {"ticket": {"subject": "down"}}),
        ("{agent_replies: {at_least: 1}}", "[{set_priority: high}]", None),
        (
            "{company.arr: {at_least: 50000}}",
            "[{add_note: '{company.name} waits'}]",
            {"company": {"name": "Rita Example", "arr": 90000}},
        ),
        ("{tags: {has: eu}}", "[{add_tags: [x]}]", {"ticket": {"tags": ["eu"]}}),
        ("{issue_type: {is: outage, confidence: 0.7}}", "[{add_tags: [x]}]", None),
        ("{requester.email: {ends: example}}", "[{add_tags: [x]}]", None),
    ],
)
def test_what_the_rule_needs_is_left_and_no_word_of_the_customer(when: str, then: str, wanted: dict[str, Any] | None) -> None:
    found = recorded(one_rule(when, then))

    assert found.matches
    assert wanted is None or found.facts == wanted
    assert not [word for word in PRIVATE if word in json.dumps(found.facts)]


def test_what_is_printed_is_a_test_that_passes() -> None:
    rule = "  - id: r\n    when: {subject: {has: down}, company.tier: enterprise}\n    then: [{set_priority: high}]\n    tests:\n"

    found = str(recorded(rules_of("rules:\n" + rule + "      - ignores: {}\n")))

    lines = "".join(f"      {line}\n" for line in found.split("\n"))
    assert failures(rules_of("rules:\n" + rule + lines)) == []
    assert "writes: [set_priority]" in found


def test_what_is_ignored_is_ignored_for_the_same_reason() -> None:
    found = recorded(one_rule("{all: [{company.tier: enterprise}, {subject: {has: invoice}}]}"))

    assert not found.matches
    assert found.facts == {"company": {"tier": "enterprise"}}


def test_a_word_that_cannot_be_replaced_is_named() -> None:
    with pytest.raises(NotRedacted, match=r"r needs ticket\.subject as the customer wrote it"):
        recorded(one_rule("{subject: {matches: 'Herr [A-Z]'}}"))
