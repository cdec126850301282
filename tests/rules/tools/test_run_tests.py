"""The tests beside each rule: what fails, and what the report says."""

from __future__ import annotations

from pathlib import Path

from rules.files.problems import Problem, Severity
from rules.tools.run_tests import TestReport, check_and_test, failures, run_tests
from tests.rules.build import rule, rules_of


def _report(tmp_path: Path, tests: str) -> str:
    (tmp_path / "r.yaml").write_text(
        f"rules:\n  - id: r\n    when: {{subject: x}}\n    then: [survey_off, add_tags: t]\n    tests:\n{tests}\n"
    )
    return "\n".join(check_and_test(["r.yaml"], tmp_path).lines())


def test_a_failing_match_names_the_first_condition_that_does_not_hold(tmp_path: Path) -> None:
    text = _report(tmp_path, "      - matches: {subject: y}")

    assert "r.yaml:6:9: r: should match this, but does not (when.subject wants x, found (text of 1 characters))" in text
    assert text.endswith("1 rule, 1 test: 1 problem")


def test_a_match_that_should_be_ignored_fails(tmp_path: Path) -> None:
    assert "r.yaml:6:9: r: should ignore this, but matches" in _report(tmp_path, "      - ignores: {subject: x}")


def test_a_mismatch_of_actions_names_both_lists(tmp_path: Path) -> None:
    text = _report(tmp_path, "      - matches: {subject: x}\n        writes: [add_tags]")

    assert "should write [add_tags], but writes [survey_off, add_tags]" in text


def test_a_rule_that_matches_and_does_not_fire_fails_its_test(tmp_path: Path) -> None:
    text = _report(tmp_path, "      - matches: {ticket: {subject: x}, is_first_sight: false}")

    assert "matches, but does not fire: first look" in text


def test_the_report_as_json_has_the_promised_keys(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("rules:\n  - {id: r, when: {subjct: x}, then: [survey_off]}\n")

    report = check_and_test(["r.yaml"], tmp_path).to_json()

    assert isinstance(report, dict)
    assert report["ok"] is False
    problem = report["problems"][0]  # type: ignore[index]
    assert {"file", "line", "column", "path", "message", "hint"} <= set(problem)  # type: ignore[arg-type]


def test_a_draft_is_tested_as_if_it_were_live() -> None:
    rules = rules_of(
        "rules:\n" + rule("{subject: x}", more="stage: draft, tests: [{matches: {subject: x}}, {matches: {subject: y}}]")
    )

    report = run_tests(rules)

    assert (report.rules, report.cases) == (1, 2)
    assert [each.message for each in report.problems] == ["r: should match this, but does not"]


def test_only_the_rules_that_are_named_are_tried() -> None:
    wrong = "tests: [{matches: {subject: y}}]"
    rules = rules_of("rules:\n" + rule("{subject: x}", id="a", more=wrong) + rule("{subject: x}", id="b", more=wrong))

    assert [each.message.partition(":")[0] for each in failures(rules)] == ["a", "b"]
    assert [each.message.partition(":")[0] for each in failures(rules, {"b"})] == ["b"]


def test_each_rule_is_tested_alone() -> None:
    stops = rule("{subject: x}", id="a", more="stop: true, tests: [{matches: {subject: x}}]")
    rules = rules_of("rules:\n" + stops + rule("{subject: x}", id="b", more="tests: [{matches: {subject: x}}]"))

    assert failures(rules) == []


def test_a_check_alone_runs_no_tests(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("rules:\n" + rule("{subject: x}", more="tests: [{matches: {subject: y}}]"))

    assert check_and_test(["r.yaml"], tmp_path, run=False).ok
    assert not check_and_test(["r.yaml"], tmp_path).ok


def test_a_report_is_well_with_warnings_and_says_how_many_problems_there_are() -> None:
    warning = Problem(file="r.yaml", message="x", severity=Severity.WARNING)
    error = Problem(file="r.yaml", message="y")

    assert TestReport(rules=1, cases=2, problems=(warning,)).lines()[-1] == "1 rule, 2 tests: ok"
    assert TestReport(problems=(warning, error, error)).lines()[-1] == "0 rules, 0 tests: 2 problems"
