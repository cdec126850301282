"""Reading directory files: which rows, at which lines, and every problem at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.directory import files
from bot.directory.files import read_file
from bot.directory.records import Record
from rules.files.problems import Problem


def read(folder: Path, text: str, name: str = "a.csv") -> tuple[list[Record], list[Problem]]:
    (folder / name).write_text(text, encoding="utf-8")
    return read_file(folder / name)


@pytest.mark.parametrize("text", ["domain,tier\nx.example,standard\n", "\ufeffDomain; Tier\r\n x.example ;standard\r\n\r\n;\r\n"])
def test_commas_semicolons_marks_of_spreadsheets_and_empty_rows_are_understood(tmp_path: Path, text: str) -> None:
    [row], problems = read(tmp_path, text)

    assert (row.keys, row.values["tier"], row.line) == (("domain:x.example",), "standard", 2)
    assert problems == []


def test_good_rows_are_read_beside_wrong_ones_and_each_problem_has_its_line(tmp_path: Path) -> None:
    rows, problems = read(tmp_path, "domain,tier\nx.example,gold\ny.example,standard\nz.example,silver\n")

    assert [(each.keys, each.line) for each in rows] == [(("domain:y.example",), 3)]
    assert [each.line for each in problems] == [2, 4]


def test_yaml_cells_may_be_lists_numbers_and_empty(tmp_path: Path) -> None:
    text = "companies:\n  - domain: [a.example, b.example]\n    arr: 12\n    csm:\n    is_premium: true\n"

    [row], problems = read(tmp_path, text, "a.yml")

    assert problems == []
    assert row.keys == ("domain:a.example", "domain:b.example")
    assert (row.values["arr"], row.values["is_premium"], row.line) == (12.0, True, 2)
    assert "csm" not in row.values


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", 'domain\n"x.example\n', "not CSV"),
        ("a.yaml", "companies: {}\n", "a.yaml:1:1: companies: wanted a list"),
        ("a.yaml", "- companies\n", "wanted `companies:`, `people:` and `agents:`"),
        ("a.yaml", "people:\n  - {email: a@x.example}\n  - a@y.example\n", "a.yaml:3:1: people[1]: wanted `name: value` lines"),
    ],
)
def test_another_shape_is_a_problem(tmp_path: Path, name: str, text: str, problem: str) -> None:
    _, [found] = read(tmp_path, text, name)

    assert problem in str(found)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "latin.csv").write_bytes("name\nMüller\n".encode("latin-1"))
    monkeypatch.setattr(files, "MAX_BYTES", 20)

    found = [read_file(tmp_path / "none.csv"), read_file(tmp_path / "latin.csv"), read(tmp_path, "name\n" * 10)]

    assert [rows for rows, _ in found] == [[], [], []]
    assert ["No such file" in str(found[0][1]), "not UTF-8" in str(found[1][1]), "larger than" in str(found[2][1])] == [True] * 3
