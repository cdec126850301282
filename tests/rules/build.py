"""Short words for rule tests: a rule set from YAML, facts from keywords, a decision from both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.files.problems import Problem
from rules.files.sources import RulesInvalid, Source
from rules.language.facts_json import facts_from_json
from rules.loading.load import load_rules
from rules.model.decision import Decision, RuleResult
from rules.model.facts import Facts

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def rules_of(*texts: str, values: dict[str, Any] | None = None) -> RuleSet:
    return load_rules([Source(f"file{number}.yaml", text) for number, text in enumerate(texts, 1)], values)


def rule(when: str, then: str = "[survey_off]", id: str = "r", more: str = "") -> str:
    """One rule as an item of `rules:`, in flow style."""
    return f"  - {{id: {id}, when: {when}, then: {then}{', ' + more if more else ''}}}\n"


def one_rule(when: str, then: str = "[survey_off]", more: str = "") -> RuleSet:
    return rules_of("rules:\n" + rule(when, then, more=more))


def facts_of(**given: Any) -> Facts:
    return facts_from_json({"ticket": {}, **given}, NOW)


def holds(when: str, **given: Any) -> bool:
    """Does a rule with this condition match these facts?"""
    return decide(one_rule(when, "[{add_tags: seen}]"), facts_of(**given)).rules[0].matched


def result(decision: Decision, id: str = "r") -> RuleResult:
    return next(rule for rule in decision.rules if rule.id == id)


def again(rules: RuleSet, facts: Facts, before: Decision, **changes: Any) -> Decision:
    """The next look at the same ticket, with the state of the last one."""
    return decide(rules, replace(facts, state=before.state, is_first_sight=False, **changes))


def problems_of(text: str, values: dict[str, Any] | None = None) -> list[Problem]:
    try:
        return list(rules_of(text, values=values).warnings)
    except RulesInvalid as error:
        return error.problems


def messages_of(text: str, values: dict[str, Any] | None = None) -> list[str]:
    """What is wrong, without warnings, as `line:column: message`."""
    wrong = [problem for problem in problems_of(text, values) if problem.severity == "error"]
    return [f"{problem.line}:{problem.column}: {problem.message}" for problem in wrong]
