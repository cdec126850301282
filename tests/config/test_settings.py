"""What the settings mean, and which do not go together."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config.settings import Settings
from rules.values.working_hours import WorkingHours
from tests.config.smallest_config import SMALLEST, problems, read


def test_two_accounts_of_one_name_are_refused(tmp_path: Path) -> None:
    account = SMALLEST[SMALLEST.index("  - name") :]

    [problem] = problems(tmp_path, SMALLEST + account)

    assert "two accounts are called acme: give each a name of its own" in problem


@pytest.mark.parametrize("spelt", ["https://acme.example.com", "https://ACME.example.com/", "https://acme.example.com:443"])
def test_two_accounts_of_one_helpdesk_are_refused(tmp_path: Path, spelt: str) -> None:
    account = SMALLEST[SMALLEST.index("  - name") :].replace("name: acme", "name: other")
    address = next(line.split("address: ")[1] for line in SMALLEST.splitlines() if "address: " in line)
    second = account.replace(address, spelt)

    [problem] = problems(tmp_path, SMALLEST.replace(address, "https://acme.example.com") + second)

    assert "acme and other are the same helpdesk" in problem


def test_working_hours_are_none_or_as_they_are_written(tmp_path: Path) -> None:
    text = "working_hours: {timezone: Europe/Berlin, monday: ['09:00-17:00'], holidays: [2026-12-25]}"

    hours = read(tmp_path, SMALLEST + text).settings.hours

    assert read(tmp_path).settings.hours is None
    assert hours == WorkingHours(timezone="Europe/Berlin", monday=("09:00-17:00",), holidays=frozenset({"2026-12-25"}))


def test_one_marker_key_may_stand_without_a_list_and_the_newer_one_is_first(tmp_path: Path) -> None:
    two = SMALLEST.replace("marker_key: a-key-of-twenty-characters", "marker_key: [a-new-key-of-some-length, old-key]")

    assert read(tmp_path).settings.marker_keys == ("a-key-of-twenty-characters",)
    assert read(tmp_path, two).settings.marker_keys == ("a-new-key-of-some-length", "old-key")


def test_an_account_that_is_not_there_is_a_key_error(tmp_path: Path) -> None:
    settings: Settings = read(tmp_path).settings

    with pytest.raises(KeyError):
        settings.account("nobody")


def test_settings_show_no_password_of_a_database_or_queue(tmp_path: Path) -> None:
    text = SMALLEST + "database: postgresql://u:pw-4712@db.example/d\nqueue: redis://:pw-4712@redis.example\n"

    assert "4712" not in repr(read(tmp_path, text).settings)
