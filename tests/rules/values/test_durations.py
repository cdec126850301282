"""Durations as people write them, and as they are shown."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.values.durations import parse_duration, show_duration


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("30 min", timedelta(minutes=30)),
        ("1 minute", timedelta(minutes=1)),
        ("4h", timedelta(hours=4)),
        ("2 Hours", timedelta(hours=2)),
        (" 1.5 h ", timedelta(minutes=90)),
        ("60 days", timedelta(days=60)),
        ("2w", timedelta(weeks=2)),
        ("10 s", timedelta(seconds=10)),
        ("45 secs", timedelta(seconds=45)),
        ("-2 h", timedelta(hours=-2)),
    ],
)
def test_a_duration_is_read_in_any_spelling(text: str, wanted: timedelta) -> None:
    assert parse_duration(text) == wanted


@pytest.mark.parametrize("text", ["", "soon", "4", "h", "4 dogs", "4 h 30 min", "1e3 h", "9999999999 s"])
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="wanted a duration such as `30 min`, `4 h` or `60 days`"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (5400, "90 min"), (7200, "2 h"), (129_600, "36 h"), (172_800, "2 days")],
)
def test_a_duration_is_shown_in_the_largest_unit_of_which_there_are_two(seconds: float, shown: str) -> None:
    assert show_duration(seconds) == shown


def test_what_is_over_is_shown_as_less_than_nothing() -> None:
    assert show_duration(-7200) == "-2 h"
