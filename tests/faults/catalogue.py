"""catalogue.yaml, and the test files that belong to it: what `make faults` and test_catalogue.py know of both."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent
_FILE = re.compile(r"test_(F[0-9]{2,3})_[a-z0-9_]+\.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One fault. `not_yet`: why it cannot be tried before a part of Deskhand is built, "" where it can."""

    id: str
    priority: str
    title: str
    part: str = ""
    not_yet: str = ""


def load(folder: Path = FOLDER) -> tuple[Case, ...]:
    """All cases in their order."""
    content: dict[str, Any] = YAML(typ="safe").load(folder / "catalogue.yaml")
    parts: dict[str, str] = content["not_yet"] or {}
    return tuple(Case(id=name, not_yet=parts.get(row.get("part", ""), ""), **row) for name, row in content["cases"].items())


def files(folder: Path = FOLDER) -> dict[str, list[Path]]:
    """The test files of each id, by their names."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("test_F*.py")):
        if matched := _FILE.fullmatch(path.name):
            found.setdefault(matched[1], []).append(path)
    return found


def tests_of(path: Path) -> list[str]:
    """The test functions that stand in a file, in their order. Nothing is imported."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]


def mistakes(cases: tuple[Case, ...], folder: Path = FOLDER) -> list[str]:
    """What is wrong with the list and the files beside it, in words; empty where nothing is."""
    wrong = [f"{case.id}: the priority is P0 or P1" for case in cases if case.priority not in ("P0", "P1")]
    expected = [f"F{number:02}" for number in range(1, 120)]
    if [case.id for case in cases] != expected:
        wrong.append(f"the catalogue holds {expected[0]} to {expected[-1]}, each once and in order")
    known = {case.id for case in cases}
    for path in sorted(folder.rglob("test_F*.py")):
        if (matched := _FILE.fullmatch(path.name)) is None or matched[1] not in known:
            wrong.append(f"{path.name}: name it test_<id of the catalogue>_<words>.py, in small letters")
        else:
            wrong += _mistakes_in(path, matched[1])
    twice = [paths for paths in files(folder).values() if len(paths) > 1]
    return wrong + [f"{' and '.join(path.name for path in paths)}: one file for each id" for paths in twice]


def _mistakes_in(path: Path, id: str) -> list[str]:
    names = tests_of(path)
    if not names:
        return [f"{path.name}: has no test"]
    return [f"{path.name}: {name} wants the name test_{id}_…" for name in names if not name.startswith(f"test_{id}_")]
