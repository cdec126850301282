"""How a problem reads, and which word is suggested."""

from __future__ import annotations

from rules.files.problems import Problem, Severity, number_of, suggest


def test_a_slip_of_letters_is_taken_for_the_word_of_the_same_length() -> None:
    assert suggest("has_ayn", ["has", "has_any", "has_all"]) == ", did you mean has_any?"


def test_a_problem_reads_as_editors_know_it() -> None:
    problem = Problem(file="vip.yaml", line=29, column=19, message="no such field", hint="see docs/rules.md")
    warning = Problem(file="vip.yaml", message="no tests", severity=Severity.WARNING)

    assert str(problem) == "vip.yaml:29:19: no such field (see docs/rules.md)"
    assert str(warning) == "vip.yaml:1:1: warning: no tests"


def test_a_problem_as_json_has_the_promised_keys() -> None:
    tree = Problem(file="vip.yaml", message="no tests", path="rules[0]").to_json()

    assert list(tree) == ["file", "line", "column", "path", "message", "hint", "severity"]
    assert (tree["path"], tree["severity"]) == ("rules[0]", "error")


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert suggest("zzz", ["subject", "priority"]) == ""
    assert suggest("subject", []) == ""


def test_the_plural_may_be_another_word() -> None:
    assert [number_of(number, "rule") for number in (0, 1, 2)] == ["0 rules", "1 rule", "2 rules"]
    assert number_of(2, "reply", "replies") == "2 replies"
