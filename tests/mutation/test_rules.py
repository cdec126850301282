"""The tests beside the shipped rules notice when a rule is wrong (our first F2), and the measuring itself measures."""

from __future__ import annotations

import pytest

from rules.files.sources import PACKS, Source, pack_names
from scripts.mutate_rules import GOAL_PERCENT, judged, main, mutants
from tests.harness.nightly import some

RULE = """
rules:
  - id: rich
    when: {all: [{company.arr: {at_least: 500}}, {not: {tags: {has: test}}}]}
    then: [{set_priority: high}, {add_tags: [rich]}]
    tests: [%s]
"""
TELLING = """
      {matches: {company: {arr: 500}}, writes: [set_priority, add_tags]},
      {ignores: {company: {arr: 499}}},
      {ignores: {company: {arr: 500}, ticket: {tags: [test]}}},
"""


def test_tests_that_look_closely_leave_nothing() -> None:
    tried, survivors = judged(Source("rich.yaml", RULE % TELLING))

    assert tried >= 8
    assert survivors == []


def test_tests_that_hardly_look_are_found_out() -> None:
    _, survivors = judged(Source("rich.yaml", RULE % "{matches: {company: {arr: 5000}}}"))

    assert "rich.yaml: rich: when.all[0].company.arr.at_least is 1001" in survivors
    assert "rich.yaml: rich: then[1]: add_tags left out" in survivors
    assert "rich.yaml: rich: when.all[1] left out" in survivors


def test_what_is_changed_is_one_thing_at_a_time() -> None:
    rule = {"when": {"subject": {"has_any": ["a", "b"]}}, "then": [{"add_tags": ["x"]}]}

    assert [each.what for each in mutants(rule)] == [
        "when.subject: has_any is has_none",
        "when.subject.has_any: without a",
        "when.subject.has_any: without b",
        "then[0]: add_tags is another action",
    ]


@pytest.mark.parametrize("name", pack_names())
def test_each_pack_notices(name: str) -> None:
    source = Source(f"pack:{name}", (PACKS / f"{name}.yaml").read_text(encoding="utf-8"))

    tried, survivors = judged(source, chosen=lambda all: some(all, 80))

    assert 100.0 * (tried - len(survivors)) / tried >= GOAL_PERCENT, survivors


def test_the_figure_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "churn"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith(">=90% ok")
