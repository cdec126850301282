"""Thresholds with a name: from the file's head, from the configuration, and what is said of an unknown one."""

from __future__ import annotations

from typing import Any

import pytest

from rules.files.variables import fill, read_values, unused
from tests.rules.build import messages_of, rule, rules_of

VALUES = "values: {limit: 50, name: vip}\nrules:\n" + rule('{company.arr: {over: "${limit}"}}', '[add_tags: "is-${name}"]')


def test_values_fill_in_and_the_configuration_overrides_them() -> None:
    usual, higher = rules_of(VALUES), rules_of(VALUES, values={"limit": 70})

    assert next(usual.rules).when.wanted == {"over": 50}  # type: ignore[union-attr]
    assert next(higher.rules).when.wanted == {"over": 70}  # type: ignore[union-attr]
    assert next(usual.rules).actions[0].options.model_dump() == {"tags": ("is-vip",)}


def test_an_unknown_value_is_refused_in_file_and_configuration() -> None:
    assert "${limt}: no such value, did you mean limit?" in messages_of(VALUES.replace("${limit}", "${limt}"))[0]
    assert "rule_values.limt: no rule file has a value of this name, did you mean limit?" in messages_of(VALUES, {"limt": 1})[0]
    assert "limit: rule_values has a text, the default is a number" in messages_of(VALUES, {"limit": "much"})[0]


def values_of(block: Any, **given: Any) -> tuple[dict[str, Any], list[str]]:
    """The values, and what was reported."""
    told: list[str] = []
    return read_values(block, given, lambda at, message: told.append(message)), told


def test_a_file_without_the_block_has_no_values() -> None:
    assert values_of(None, limit=1) == ({}, [])


@pytest.mark.parametrize(
    ("block", "told"),
    [
        (["limit"], "wanted `name: default` lines"),
        ({"Limit": 1}, "lower-case letters"),
        ({"limit": None}, "wanted a number, a text"),
        ({"limit": {"a": 1}}, "wanted a number, a text"),
    ],
)
def test_a_wrong_block_is_told(block: Any, told: str) -> None:
    assert told in values_of(block)[1][0]


@pytest.mark.parametrize(("default", "given"), [(1, 2.5), ("a", "b"), (True, False), (["a"], ["b", "c"])])
def test_a_value_of_the_same_kind_takes_its_place(default: Any, given: Any) -> None:
    assert values_of({"limit": default}, limit=given) == ({"limit": given}, [])


def test_yes_is_not_taken_for_the_number_one() -> None:
    assert values_of({"limit": 1}, limit=True)[1] == ["limit: rule_values has true or false, the default is a number"]


def test_a_whole_text_becomes_the_value_and_a_part_is_put_in() -> None:
    tree = {"a": ["${n}", "over ${n} and ${m}", 7]}

    assert fill(tree, {"n": 5, "m": "x"}, lambda at, message: pytest.fail(message)) == {"a": [5, "over 5 and x", 7]}


def test_an_unknown_name_is_reported_at_its_place_and_left() -> None:
    told: list[tuple[Any, str]] = []

    filled = fill({"a": ["${limt}"]}, {"limit": 5}, lambda at, message: told.append((at, message)))

    assert filled == {"a": ["${limt}"]}
    assert told == [(("a", 0), "${limt}: no such value, did you mean limit?")]


def test_what_no_file_has_is_told_once_for_all_files() -> None:
    assert unused({"limit": 1, "limt": 2}, {"limit"}) == [("limt", "no rule file has a value of this name, did you mean limit?")]
