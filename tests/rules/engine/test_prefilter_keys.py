"""What must be so before a rule can match, told from its condition alone."""

from __future__ import annotations

import pytest

from rules.engine import prefilter_keys
from rules.engine.prefilter_keys import Guard, guard_of
from rules.language.conditions import Leaf
from tests.rules.build import one_rule


def guard(when: str) -> Guard | None:
    return guard_of(next(one_rule(when).rules).when)


def keys(when: str) -> list[tuple[str, str, object]]:
    found = guard(when)
    return [(key.field.name, key.word, key.value) for key in found.keys] if found else []


@pytest.mark.parametrize(
    ("when", "wanted"),
    [
        ("{subject: Hello}", [("subject", "is", "hello")]),
        ("{subject: {has_any: [Up, Down]}}", [("subject", "has", "up"), ("subject", "has", "down")]),
        ("{tags: {has_all: [a, longest]}}", [("tags", "has", "longest")]),
        ("{tags: [a, b]}", [("tags", "has", "a"), ("tags", "has", "b")]),
        ("{subject: {starts: Re}}", [("subject", "starts", "re")]),
        ("{subject: {matches: 'A.c'}}", [("subject", "matches", "A.c")]),
        ("{customer_waits: true}", [("customer_waits", "is", True)]),
    ],
)
def test_a_condition_on_a_word_is_told_by_keys(when: str, wanted: list[tuple[str, str, object]]) -> None:
    assert keys(when) == wanted


@pytest.mark.parametrize(
    "when",
    [
        "{not: {subject: x}}",
        "{company.arr: {over: 5}}",
        "{company.tier: {known: false}}",
        "{tags: {has_none: [a]}}",
        "{any: [{subject: x}, {company.arr: {over: 5}}]}",
    ],
)
def test_what_no_key_tells_has_no_guard(when: str) -> None:
    assert guard(when) is None


def test_a_rule_without_condition_has_no_guard() -> None:
    assert guard_of(None) is None


def test_of_all_the_rarest_is_looked_for_and_of_any_each() -> None:
    assert keys("{all: [{customer_waits: true}, {subject: {has: refund}}, {company.arr: {over: 5}}]}") == [
        ("subject", "has", "refund")
    ]
    assert keys("{any: [{subject: x}, {customer_waits: true}]}") == [("subject", "is", "x"), ("customer_waits", "is", True)]


def test_operators_are_told_also_where_they_were_written_short() -> None:
    def of(when: str) -> list[tuple[str, object]]:
        leaf = next(one_rule(when).rules).when
        assert isinstance(leaf, Leaf)
        return [*prefilter_keys.tests_of(leaf)]

    assert of("{subject: x}") == [("is", "x")]
    assert of("{tags: [x]}") == [("has_any", ["x"])]
    assert of("{issue_type: {is: bug, confidence: 0.5}}") == [("is", "bug")]
