"""The table of findings: every finding has its row, and every test that a row names is there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "findings.md"
NAMED = (
    *("B6", "B17", *(f"K{number}" for number in range(21, 33))),
    *("V2", "V4", "V5", "V6", "V7", "V8", "V10", "V11", "V12", "V13", "V14"),
    *("A5", "A6", "A10", "A11", "A12", "A13", "A14"),
)


def _rows() -> dict[str, list[str]]:
    """Id -> the tests that its row names."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ") and "`tests/" in line]
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    return {row[0]: [each.strip("` ") for each in row[-1].split(",")] for row in cells}


def test_every_finding_has_its_row() -> None:
    assert tuple(_rows()) == NAMED


@pytest.mark.parametrize("finding", NAMED)
def test_the_tests_that_a_row_names_exist(finding: str) -> None:
    for named in _rows()[finding]:
        path, _, name = named.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}, named
