"""Thresholds with a name: from the file's head, from the configuration, and what is said of an unknown one."""

from __future__ import annotations

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
