"""The catalogue and the files beside it agree, and `make faults` counts as it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.faults import Line, lines, summary
from tests.faults import catalogue
from tests.faults.catalogue import Case

P0 = {1, *range(2, 11), *range(26, 35), *range(41, 49), *range(59, 70), 79, 85, 92, 93, 94, 101, 102, 113}


def test_the_list_is_whole_and_every_file_belongs_to_it() -> None:
    assert catalogue.mistakes(catalogue.load()) == []


def test_what_must_be_green_is_what_was_agreed_on() -> None:
    assert {int(case.id[1:]) for case in catalogue.load() if case.priority == "P0"} == P0


@pytest.mark.parametrize(
    ("name", "content", "wrong"),
    [
        ("test_F07_empty.py", "def helper() -> None: ...\n", "has no test"),
        ("test_F07_other.py", "def test_F08_x() -> None: ...\n", "wants the name test_F07_"),
        ("test_F777_x.py", "def test_F777_x() -> None: ...\n", "name it test_<id of the catalogue>"),
        ("test_F07_A.py", "def test_F07_x() -> None: ...\n", "name it test_<id of the catalogue>"),
    ],
)
def test_a_file_out_of_order_is_told(tmp_path: Path, name: str, content: str, wrong: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")

    [told] = catalogue.mistakes(catalogue.load(), tmp_path)

    assert told.startswith(name)
    assert wrong in told


def test_two_files_for_one_id_are_told(tmp_path: Path) -> None:
    for name in ("test_F07_a.py", "test_F07_b.py"):
        (tmp_path / name).write_text("def test_F07_x() -> None: ...\n", encoding="utf-8")

    assert catalogue.mistakes(catalogue.load(), tmp_path) == ["test_F07_a.py and test_F07_b.py: one file for each id"]


CASES = (
    Case(id="F01", priority="P0", title="green"),
    Case(id="F02", priority="P0", title="waits", part="console", not_yet="the console is not built yet"),
    Case(id="F03", priority="P1", title="also green"),
    Case(id="F04", priority="P1", title="missing"),
)


def test_a_case_without_a_passing_test_is_not_green(tmp_path: Path) -> None:
    paths = {"F01": [tmp_path / "test_F01_a.py"], "F03": [tmp_path / "test_F03_a.py"]}
    outcomes = {"test_F01_a.py": (2, 0), "test_F03_a.py": (3, 1)}

    found = [(line.id, line.state) for line in lines(CASES, paths, outcomes)]

    assert found == [("F01", "green"), ("F02", "not yet"), ("F03", "red"), ("F04", "missing")]


def test_a_file_of_which_nothing_ran_is_missing(tmp_path: Path) -> None:
    [line, *_] = lines(CASES, {"F01": [tmp_path / "test_F01_a.py"]}, {})

    assert line.state == "missing"


@pytest.mark.parametrize(
    ("states", "counts", "is_met"),
    [
        (("green", "not yet", "green", "green"), "P0 1/1 P1 2/2", True),
        (("missing", "not yet", "green", "green"), "P0 0/1 P1 2/2", False),
        (("green", "red", "green", "green"), "P0 1/2 P1 2/2", False),
        (("green", "green", "green", "missing"), "P0 2/2 P1 1/2", False),
    ],
)
def test_the_goal_is_every_P0_and_nine_of_ten_P1(states: tuple[str, ...], counts: str, is_met: bool) -> None:
    found = [Line(id=case.id, priority=case.priority, state=state) for case, state in zip(CASES, states, strict=True)]

    text, met = summary(found)

    assert met is is_met
    assert text == f"R9 {counts} goal P0 100 % P1 >= 90 % {'ok' if is_met else 'missed'}"
