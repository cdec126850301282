"""The order in which xdist's workers get the tests."""

from __future__ import annotations

from tests.harness.long_first import LONG, dealt
from tests.harness.processes import ROOT


def test_each_workers_stretch_begins_with_its_share_of_the_long_ones() -> None:
    made = dealt("ABC", "1234567", 2)

    assert "".join(made[:5]) == "AC123"
    assert "".join(made[5:]) == "B4567"


def test_nothing_is_lost_where_there_are_more_workers_than_tests() -> None:
    assert sorted(dealt("AB", "1", 6)) == ["1", "A", "B"]


def test_the_long_files_are_there() -> None:
    assert [name for name in LONG if not (ROOT / name).is_file()] == []
