"""The mutation check itself: which faults it makes, and a few of them tried out (`make mutate` tries all)."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import mutants, mutate
from scripts.mutants import Target
from tests.harness.nightly import IS_NIGHTLY, size

ROOT = Path(__file__).parents[2]


def made_of(tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """(kind, what became of the function's body) for each mutant of this code."""
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "sample.py").write_text(code, encoding="utf-8")
    found = mutants.mutants_of(Target(module="sample", killers=()))
    return [(each.kind, ast.unparse(each.tree())) for each in found]


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("return a < b", {("comparison", "return a <= b"), ("return value", "return None")}),
        (
            "return a or not b",
            {("boolean", "return a and (not b)"), ("negation", "return a or b"), ("return value", "return None")},
        ),
        ("return f(a, b)", {("swapped arguments", "return f(b, a)"), ("return value", "return None")}),
        ("a += b", {("arithmetic", "a -= b"), ("removed statement", "pass")}),
        ("return 1.5", {("constant", "return 2.5"), ("return value", "return None")}),
        ("return True", {("constant", "return False"), ("return value", "return None")}),
        ("return 'x'", {("constant", "return ''"), ("return value", "return None")}),
        ("raise a", {("removed statement", "pass")}),
        ("return [x for x in a if x]", {("condition", "return [x for x in a if not x]"), ("return value", "return None")}),
        ("return None", set()),
        ("log.info('x', run=1)", set()),
    ],
)
def test_a_line_becomes_wrong_in_each_of_its_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, faults: set[tuple[str, str]]
) -> None:
    made = made_of(tmp_path, f"def f(a: int, b: 'int') -> bool:\n    'Says what.'\n    {line}\n", monkeypatch)

    assert {(kind, tree.splitlines()[-1].strip()) for kind, tree in made} == faults


def test_a_condition_is_turned_round_where_nothing_in_it_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_of(tmp_path, "def f(a, b):\n    if a < b:\n        f()\n    if a is b:\n        f()\n", monkeypatch)

    assert [tree for kind, tree in made if kind == "condition"] == [
        "def f(a, b):\n    if not a < b:\n        f()\n    if a is b:\n        f()"
    ]


def test_each_target_has_its_tests_and_every_equivalent_names_a_mutant_that_exists() -> None:
    for target in mutate.TARGETS:
        files = [word for group in target.killers for word in group if word.startswith("tests/")]
        assert files
        assert all((ROOT / name).exists() for name in files), target.module
    every = {
        (str(each.target.path.relative_to(ROOT)), each.before, each.after)
        for target in mutate.TARGETS
        for each in mutants.mutants_of(target)
    }
    for known in mutate.equivalents():
        assert (known["in"], known["before"], known["after"]) in every, known
        assert known["why"]


def test_a_few_mutants_are_killed() -> None:
    """By day of the module with the quickest tests, at night of the ledger; `make mutate` tries all and has the goal."""
    module = "ledger" if IS_NIGHTLY else "bot.store.duplicate_notes"
    command = [sys.executable, "-m", "scripts.mutate", "--only", module, "--sample", str(size(2, 5)), "--seed", "1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert "R19" in done.stdout, done.stdout + done.stderr
    assert float(done.stdout.split("R19 ")[1].split(" %")[0]) >= size(50, 60), done.stdout
