"""F95: unknown fields and operators, mistaken types, YAML's surprises: told with what was probably meant."""

from __future__ import annotations

import pytest

from rules.engine.decide import decide
from tests.rules.build import facts_of, messages_of, one_rule, rule

MISTAKES = [
    ("{priority: hihg}", "[survey_off]", "priority: hihg: no such value, did you mean high?"),
    ("{company.tire: x}", "[survey_off]", "company.tire: no such field, did you mean company.tier?"),
    ("{subject: {has_an: [x]}}", "[survey_off]", "has_an: no such operator, did you mean has_any?"),
    ("{subject: x}", "[set_prority: high]", "set_prority: no such action, did you mean set_priority?"),
    ("{subject: x}", "[{set_priority: {too: high}}]", "too: no such option of set_priority, did you mean to?"),
    ("{is_spam: no}", "[survey_off]", "is_spam: wanted true or false"),
    ("{is_spam: 'false'}", "[survey_off]", "is_spam: wanted true or false"),
    ("{priority: on}", "[survey_off]", "priority: on: no such value"),
    ("{company.arr: '1e3'}", "[survey_off]", "company.arr: wanted a number, found text"),
    ("{tags: {has: 1e3}}", "[survey_off]", "tags: wanted text, found a number; put it in quotes"),
    ("{tags: {has: 0o17}}", "[survey_off]", "tags: wanted text, found a number; put it in quotes"),
    ("{subject: ~}", "[survey_off]", "subject: wanted text, found nothing"),
    ("{subject: true}", "[survey_off]", "subject: wanted text, found true or false; put it in quotes"),
    ("{created_at: {before: 12:30}}", "[survey_off]", "created_at: wanted a time such as"),
]


@pytest.mark.parametrize(("when", "then", "message"), MISTAKES)
def test_F95_a_mistake_is_told_with_the_way_out(when: str, then: str, message: str) -> None:
    messages = messages_of("rules:\n" + rule(when, then))

    assert any(message in each for each in messages), messages


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "NO", "n", "y"])
def test_F95_words_that_yaml_1_1_took_for_true_and_false_are_words(word: str) -> None:
    """Norway's country code, a tag called `on`."""
    rules = one_rule(f"{{tags: {{has: {word}}}}}")

    assert decide(rules, facts_of(ticket={"tags": [word]})).rules[0].matched
    assert not decide(rules, facts_of(ticket={"tags": ["other"]})).rules[0].matched


@pytest.mark.parametrize(
    ("number", "arr", "matches"),
    [("1e3", 1001, True), ("1e3", 999, False), ("1000.0", 1001, True), ("0x10", 17, True), ("1_000", 1001, True)],
)
def test_F95_numbers_in_other_spellings_are_numbers(number: str, arr: int, matches: bool) -> None:
    rules = one_rule(f"{{company.arr: {{over: {number}}}}}")

    assert decide(rules, facts_of(company={"arr": arr})).rules[0].matched is matches


def test_F95_a_time_of_day_is_no_count_of_seconds() -> None:
    rules = one_rule("{subject: {has: 12:30}}")

    assert decide(rules, facts_of(ticket={"subject": "call me at 12:30"})).rules[0].matched
