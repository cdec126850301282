"""Running the tests that stand beside each rule: `deskhand test`.

`matches` means that the rule matched and fired, with exactly the actions in `writes` where it names them; `ignores` that it
does not match. Each rule is tested alone, with the facts of the case, at a frozen time and with stubbed signals.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.ticket import Json
from rules.engine.decide import decide
from rules.engine.rule import Rule, RuleCase, RuleFile, Stage
from rules.engine.ruleset import RuleSet
from rules.files.problems import Problem, Severity, number_of
from rules.files.sources import RulesInvalid, read_sources
from rules.lint.loops import together
from rules.loading.load import load_rules
from rules.model.decision import RuleResult


@dataclass(frozen=True, slots=True, kw_only=True)
class TestReport:
    """What `deskhand check` and `deskhand test` print. `ok`: no problem but warnings."""

    __test__ = False  # not a test class, whatever pytest thinks of the name

    rules: int = 0
    cases: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def ok(self) -> bool:
        return not any(problem.severity is Severity.ERROR for problem in self.problems)

    def lines(self) -> list[str]:
        failed = sum(problem.severity is Severity.ERROR for problem in self.problems)
        end = "ok" if self.ok else number_of(failed, "problem")
        return [*map(str, self.problems), f"{number_of(self.rules, 'rule')}, {number_of(self.cases, 'test')}: {end}"]

    def to_json(self) -> Json:
        problems: list[Json] = [{**problem.to_json()} for problem in self.problems]
        return {"ok": self.ok, "problems": problems, "rules": self.rules, "tests": self.cases}


def check_and_test(
    references: Iterable[str], base: Path, values: Mapping[str, Any] | None = None, *, run: bool = True
) -> TestReport:
    """Load the files, and run their tests unless `run` is off; a file that does not load is a problem, not an exception."""
    try:
        rules = load_rules(read_sources(references, base), values)
    except RulesInvalid as error:
        return TestReport(problems=tuple(error.problems))
    return run_tests(rules) if run else TestReport(rules=len(list(rules.rules)), problems=rules.warnings)


def run_tests(rules: RuleSet) -> TestReport:
    """All tests of all rules, drafts too, in file order; the set's warnings are part of the report."""
    found = list(rules.rules)
    problems = (*rules.warnings, *together(rules), *failures(rules))
    return TestReport(rules=len(found), cases=sum(len(rule.tests) for rule in found), problems=problems)


def failures(rules: RuleSet, only: Collection[str] | None = None) -> list[Problem]:
    """The tests that fail; `only` those of the rules with these ids."""
    chosen = [rule for rule in rules.rules if only is None or rule.id in only]
    return [problem for rule in chosen for case in rule.tests if (problem := _failure(rules, rule, case))]


def _failure(rules: RuleSet, rule: Rule, case: RuleCase) -> Problem | None:
    alone = RuleSet(files=(RuleFile(name=rule.file, rules=(rule,)),), hash=rules.hash, registry=rules.registry)
    result = decide(alone.as_if_live(*Stage), case.facts, case.decided).rules[0]
    message = _verdict(case, result)
    if not message:
        return None
    return Problem(
        file=rule.file,
        line=case.line,
        column=case.column,
        path=case.path,
        message=f"{rule.id}: {message}",
        hint=_hint(case, result),
    )


def _verdict(case: RuleCase, result: RuleResult) -> str:
    """What is wrong with the result, or ""."""
    if not case.must_match:
        return "should ignore this, but matches" if result.matched else ""
    if not result.matched:
        return "should match this, but does not"
    if not result.fired:
        return f"matches, but does not fire: {result.because}"
    if case.writes is not None and Counter(case.writes) != Counter(result.actions):
        return f"should write [{', '.join(case.writes)}], but writes [{', '.join(result.actions)}]"
    return ""


def _hint(case: RuleCase, result: RuleResult) -> str:
    """The first condition that does not hold, or what blocked an action."""
    failing = next((step for step in result.steps if not step.holds and step.wanted not in ("all", "any", "not")), None)
    if failing is None or (not case.must_match and result.matched):
        return ""
    return f"{failing.path} wants {failing.wanted}, found {failing.found}" + (f": {failing.why}" if failing.why else "")
