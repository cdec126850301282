"""Rules whose condition holds for tickets that have nothing in common."""

from __future__ import annotations

import pytest

from rules.files.problems import Severity
from rules.lint.catch_all import too_wide
from tests.rules.build import one_rule, rules_of


def told(when: str, more: str = "") -> list[str]:
    [file] = one_rule(when, more=more).files
    return [each.message for each in too_wide(file)]


@pytest.mark.parametrize(
    "when",
    ["{subject: {matches: '.*'}}", "{not: {subject: surely-nobody-writes-this}}", "{company.csm: {known: false}}"],
)
def test_a_condition_that_nothing_fails_to_meet_is_told(when: str) -> None:
    [message] = told(when)

    assert message.startswith("r matches each of 5 tickets that have nothing in common")


@pytest.mark.parametrize("when", ["{subject: {has: down}}", "{is_spam: false}", "{company.tier: enterprise}"])
def test_a_condition_that_one_ticket_fails_to_meet_is_left_alone(when: str) -> None:
    assert told(when) == []


def test_a_rule_that_says_what_it_ignores_is_left_alone() -> None:
    wide = "{not: {subject: test}}"

    assert told(wide, "tests: [{ignores: {subject: test}}]") == []
    assert len(told(wide, "tests: [{ignores: {subject: other}}]")) == 1
    assert len(told(wide, "tests: [{matches: {subject: other}}]")) == 1


def test_a_rule_without_a_condition_is_not_told_here() -> None:
    [file] = rules_of("rules:\n  - {id: r, then: [survey_off]}\n").files

    assert list(too_wide(file)) == []


def test_it_is_a_warning_at_the_rules_line() -> None:
    [file] = one_rule("{not: {subject: x}}").files
    [problem] = too_wide(file)

    assert (problem.file, problem.line, problem.severity) == ("file1.yaml", 2, Severity.WARNING)
