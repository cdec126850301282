"""Rules that undo each other or fight over a field are told by `check` (our first F7); those that come to rest are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.lint.loops import together
from rules.loading.load import load_rules, pack_names, read_sources
from tests.rules.build import rules_of
from tests.rules.lint.looping_rules import circle, rule


def warnings(text: str, words: str) -> list[str]:
    return [each.message for each in together(rules_of(text)) if words in each.message]


@pytest.mark.parametrize("seed", range(50))
def test_fifty_circles_are_told_with_their_rules(seed: int) -> None:
    text, names = circle(seed)

    [message] = warnings(text, "run in a circle")

    assert all(name in message for name in names)


def test_tags_that_are_put_on_and_taken_off() -> None:
    text = "rules:\n" + rule("ping", "not: {tags: {has: pong}}", "add_tags: [pong]", "subject: x")
    text += rule("pong", "tags: {has: pong}", "remove_tags: [pong]", "tags: [pong]")

    [message] = warnings(text, "run in a circle")

    assert "ping (+pong) > pong (-pong)" in message or "pong (-pong) > ping (+pong)" in message


@pytest.mark.parametrize(
    "rules",
    [
        [
            ("a", "priority: low", "set_priority: high", "priority: low"),
            ("b", "priority: high", "set_priority: urgent", "priority: high"),
        ],
        [
            ("a", "priority: low", "raise_priority: high", "priority: low"),
            ("b", "priority: high", "add_tags: [x]", "priority: high"),
        ],
        [("a", "not: {tags: {has: x}}", "add_tags: [x]", "subject: x")],
    ],
)
def test_what_comes_to_rest_is_left_alone(rules: list[tuple[str, str, str, str]]) -> None:
    assert warnings("rules:\n" + "".join(rule(*each) for each in rules), "circle") == []


def test_two_rules_of_one_file_that_set_one_field_are_told() -> None:
    text = (
        "rules:\n"
        + rule("a", "subject: x", "set_priority: high", "subject: x")
        + rule("b", "subject: x", "set_priority: low", "subject: x")
    )

    assert warnings(text, "both set") == ["a and b both set priority on a ticket of their tests: the later one wins"]


def test_a_rule_that_raises_fights_nobody() -> None:
    text = (
        "rules:\n"
        + rule("a", "subject: x", "set_priority: high", "subject: x")
        + rule("b", "subject: x", "raise_priority: urgent", "subject: x")
    )

    assert warnings(text, "both set") == []


def test_the_packs_run_in_no_circle() -> None:
    rules = load_rules(read_sources([f"pack:{name}" for name in pack_names()], Path()))

    assert together(rules) == []
