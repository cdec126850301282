"""Colours, and whether anybody tells them apart."""

from __future__ import annotations

import pytest

from bot.senses.reading.styles.colours import WHITE, Colour, attribute_colour, colour


@pytest.mark.parametrize(
    "text", ["white", "#FFF", "#ffff", "#ffffffff", "rgb(100%,100%,100%)", "hsl(0,0%,100%)", "hwb(0 100% 0%)", "rgb(999 999 999)"]
)
def test_white_in_many_ways(text: str) -> None:
    assert colour(text) == WHITE


@pytest.mark.parametrize("text", ["", "#zz", "url()", "currentcolor", "oklch(1 0 0)", "?", "w" * 100])
def test_what_is_no_colour(text: str) -> None:
    assert colour(text) is None


def test_half_an_ink_mixes_with_its_paper() -> None:
    assert Colour(0, 0, 0, 0.5).over(WHITE) == Colour(127.5, 127.5, 127.5)


def test_colours_are_alike_where_nobody_tells_them_apart() -> None:
    assert Colour(245, 245, 245).is_like(WHITE)
    assert not Colour(225, 225, 225).is_like(WHITE)


def test_old_attributes_may_lack_their_mark() -> None:
    assert attribute_colour(" FFFFFF ") == "#ffffff"
    assert attribute_colour("Red") == "red"
