"""The tree follows the house plan (docs/decisions): small rooms, short files, no import circles, tests that are found by name."""

from __future__ import annotations

from scripts import rooms


def test_no_folder_is_crowded() -> None:
    assert rooms.crowded_folders() == {}, "split the folder, or add it to LISTS if its modules are rows of one list"


def test_no_file_is_long() -> None:
    assert rooms.long_files() == {}, "it has become two subjects: split it"


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert rooms.circle() == []


def test_most_modules_have_a_test_of_their_name() -> None:
    assert rooms.tested_share() >= rooms.MIN_TESTED_SHARE, rooms.untested()
