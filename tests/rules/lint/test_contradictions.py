"""Conditions that can never hold, or always do: found where one field tells, and never where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.files.problems import Severity
from rules.lint.contradictions import contradictions
from rules.loading.load import load_rules, pack_names, read_sources
from tests.rules.build import one_rule, problems_of, rule

NEVER = [
    "{all: [{priority: high}, {priority: low}]}",
    "{priority: [high, urgent], status: open, not: {priority: {at_least: high}}}",
    "{all: [{company.arr: {at_least: 500}}, {company.arr: {under: 500}}]}",
    "{all: [{in_working_time: true}, {any: [{subject: x}]}, {not: {in_working_time: true}}]}",
    "{all: [{company.tier: {known: false}}, {company.tier: enterprise}]}",
    "{all: [{team: Senior}, {team: Billing}]}",
    "{not: {any: [{status: [new, open]}, {not: {status: new}}]}}",
    "{all: [{frustration: {over: 0.6}}, {frustration: {under: 0.5}}]}",
]
ALWAYS = [
    "{any: [{priority: high}, {not: {priority: high}}]}",
    "{any: [{company.tier: {known: true}}, {company.tier: {known: false}}]}",
    "{any: [{in_working_time: true}, {in_working_time: false}]}",
    "{any: [{reopen_count: {at_least: 1}}, {reopen_count: {under: 1}}]}",
]
FINE = [
    "{all: [{priority: [high, urgent]}, {priority: [low, urgent]}]}",
    "{all: [{company.arr: {over: 2.995}}, {company.arr: {under: 3}}]}",
    "{all: [{subject: {has: a}}, {subject: {has: b}}]}",
    "{all: [{tags: {has: a}}, {tags: {has: b}}]}",
    "{any: [{company.tier: enterprise}, {not: {company.tier: enterprise}}]}",  # nobody knows the tier: neither holds
    "{all: [{issue_type: {is: outage, confidence: 0.7}}, {not: {issue_type: {is: outage, confidence: 0.9}}}]}",
    "{all: [{status: open}, {status: {changed_from: pending}}]}",
    "{any: [{company.arr: {at_least: 500}}, {company.arr: {under: 500}}]}",
]


def warned(when: str, words: str) -> list[str]:
    found = problems_of("rules:\n" + rule(when, more="tests: [{ignores: {}}]"))
    return [each.message for each in found if words in each.message]


@pytest.mark.parametrize("when", NEVER)
def test_what_can_never_hold_is_told(when: str) -> None:
    [message] = warned(when, "can never hold")

    assert "exclude each other" in message


@pytest.mark.parametrize("when", ALWAYS)
def test_what_always_holds_is_told(when: str) -> None:
    [message] = warned(when, "always holds")

    assert "leave nothing out" in message


@pytest.mark.parametrize("when", FINE)
def test_what_may_hold_and_may_not_is_left_alone(when: str) -> None:
    assert warned(when, "hold") == []


def test_the_packs_contradict_themselves_nowhere() -> None:
    rules = load_rules(read_sources([f"pack:{name}" for name in pack_names()], Path()))

    assert [each for each in rules.warnings if "hold" in each.message] == []


def test_paths_that_exclude_each_other_are_told() -> None:
    def told(first: str, second: str) -> bool:
        both = f"{{all: [{{issue: {first}}}, {{issue: {second}}}]}}"
        return any("exclude each other" in str(each) for each in problems_of("rules:\n" + rule(both)))

    assert told("billing", "bug.crash")
    assert not told("billing", "billing.invoice")


def test_a_warning_names_the_rule_the_group_and_both_conditions() -> None:
    [file] = one_rule("{subject: x, any: [{all: [{priority: high}, {priority: low}]}, {status: open}]}").files

    [problem] = contradictions(file)

    assert (problem.file, problem.line, problem.severity) == ("file1.yaml", 2, Severity.WARNING)
    assert problem.message.startswith("r: when.any[0].all can never hold: its conditions on priority")
    assert problem.path == "when.any[0].all[0].priority, when.any[0].all[1].priority"


def test_a_rule_without_a_condition_contradicts_nothing() -> None:
    [file] = one_rule("{subject: x}").files

    assert list(contradictions(file)) == []
    assert list(contradictions(type(file)(name=file.name, rules=()))) == []
