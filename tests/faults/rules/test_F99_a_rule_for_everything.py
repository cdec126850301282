"""F99: a rule that matches everything: `check` warns. (How often a rule would have matched: a backtest, not built yet.)"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.rulesets.active import all_packs, load_named
from tests.rules.build import problems_of, rule

ALWAYS = [
    "{subject: {matches: '.*'}}",
    "{not: {subject: surely-nobody-writes-this}}",
    "{any: [{subject: {has: a}}, {not: {subject: {has: a}}}]}",
    "{not: {priority: high}}",
    "{all: [{not: {tags: {has: x}}}, {not: {tags: {has: y}}}]}",
]
SOMETIMES = [
    "{subject: {has: down}}",
    "{is_spam: false}",
    "{is_spam: true}",
    "{priority: {at_least: low}}",
    "{company.tier: enterprise}",
]


def _warnings(text: str) -> list[str]:
    return [str(each) for each in problems_of(text) if each.severity == "warning" and "no tests" not in each.message]


@pytest.mark.parametrize("when", ALWAYS)
def test_F99_a_condition_that_is_always_true_is_a_warning(when: str) -> None:
    [warning] = _warnings("rules:\n" + rule(when))

    assert "file1.yaml:2:5: warning: r matches each of 5 tickets that have nothing in common" in warning


def test_F99_so_is_none_at_all() -> None:
    [warning] = _warnings("rules:\n  - {id: r, then: [survey_off]}\n")

    assert "r has no `when`: it matches every ticket" in warning


@pytest.mark.parametrize("when", SOMETIMES)
def test_F99_an_ordinary_condition_is_none(when: str) -> None:
    assert _warnings("rules:\n" + rule(when)) == []


def test_F99_a_test_that_shows_what_is_left_alone_ends_the_warning() -> None:
    wide = rule("{not: {priority: high}}", more="tests: [{ignores: {priority: high}}]")

    assert _warnings("rules:\n" + wide) == []


def test_F99_the_shipped_packs_have_none() -> None:
    assert load_named(all_packs(), Path()).warnings == ()


def test_F99_check_shows_it_and_starts_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "wide.yaml").write_text("rules:\n" + rule(ALWAYS[0], more="tests: [{matches: {subject: x}}]"), encoding="utf-8")

    result = CliRunner().invoke(main, ["test", str(tmp_path / "wide.yaml")])

    assert result.exit_code == 0
    assert "nothing in common" in result.output
