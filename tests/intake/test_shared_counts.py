"""Counts in files: shared, taken over, and brought to the disk when there is room again."""

from __future__ import annotations

from pathlib import Path

from bot.intake.shared_counts import RECORD_BYTES, Counts, Place, take_place
from tests.harness.small_disk import fill, small_disk

BEYOND = ("other",)


def place(folder: Path) -> Place:
    found = take_place(folder)
    assert found is not None
    return found


def test_what_found_no_room_is_there_for_the_others_when_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path, 1) as disk:
        ballast = fill(disk)
        one = Counts(100, BEYOND, place(disk))
        one.add(*((("name", str(number)), 1.0) for number in range(50)))
        other = Counts(100, BEYOND, place(disk))
        before = other.total()

        ballast.unlink()
        one.add((("name", "7"), 1.0))

        assert before == {}
        assert other.total() == one.total() == {("name", str(number)): 1 + (number == 7) for number in range(50)}


def test_room_for_all_counts_is_set_aside_before_the_disk_fills_up(tmp_path: Path) -> None:
    with small_disk(tmp_path, 1) as disk:
        one, other = (Counts(100, BEYOND, place(disk)) for _ in range(2))
        fill(disk)

        one.add(*((("name", str(number)), 1.0) for number in range(200)))

        assert other.total() == one.total()
        assert other.total()[BEYOND] == 100


def test_a_file_that_is_cut_off_or_holds_something_else_is_passed_over(tmp_path: Path) -> None:
    Counts(3, BEYOND, place(tmp_path)).add((("name",), 2.0))
    whole = (tmp_path / "0.counts").read_bytes()
    (tmp_path / "8.counts").write_bytes(bytes(RECORD_BYTES) + whole[:RECORD_BYTES] + whole[: RECORD_BYTES - 1])
    (tmp_path / "9.counts").write_bytes(b"\xff{" * 5000)

    found = Counts(3, BEYOND, place(tmp_path)).total()

    assert found == {("name",): 4}


def test_a_folder_that_is_not_there_gives_no_place(tmp_path: Path) -> None:
    assert take_place(tmp_path / "nowhere") is None
