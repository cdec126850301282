"""A share and how sure its few cases make it."""

from __future__ import annotations

import pytest

from bot.reports.share import Share


def test_nothing_has_no_share() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval, str(Share(0, 0))) == (None, None, "-")


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    # Wilson's bounds, worked out by hand for z = 1.96
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 100, 0.7222, 0.8749)],
)
def test_the_interval_is_wilsons(count: int, n: int, low: float, high: float) -> None:
    found = Share(count, n).interval

    assert found is not None
    assert found == pytest.approx((low, high), abs=0.0002)


def test_more_cases_make_it_narrower() -> None:
    few, many = Share(7, 10).interval, Share(700, 1000).interval

    assert few is not None and many is not None
    assert many[1] - many[0] < (few[1] - few[0]) / 5


def test_it_is_read_with_its_interval() -> None:
    assert str(Share(5, 10)) == "50 % (24 to 76)"
