"""What a style hides, and what it does not."""

from __future__ import annotations

import pytest

from bot.senses.reading.styles.looks import PLAIN, Look, look_of
from bot.senses.reading.styles.selectors import Element
from bot.senses.reading.styles.sheets import Styles


def look(given: dict[str, str], outer: Look = PLAIN, tag: str = "div") -> Look:
    element = Element(tag=tag, classes=frozenset(), id="", attributes=given)
    return look_of(tag, Styles().of(element), outer)


def styled(style: str, outer: Look = PLAIN, tag: str = "div") -> Look:
    return look({"style": style}, outer, tag)


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : NONE !important",
        "visibility: hidden",
        "font-size:0",
        "font-size:0px",
        "font-size:1px",
        "font-size:1%",
        "opacity:0",
        "opacity: 0.0",
        "max-height:0;overflow:hidden",
        "position:absolute;left:-10000px",
        "position:absolute;margin-left:-999em",
        "position:relative;bottom:9999px",
        "color:transparent",
        "position:absolute;clip:rect(0,0,0,0)",
        "transform:scale(0)",
        "clip-path:circle(0)",
    ],
)
def test_hidden(style: str) -> None:
    assert styled(style).is_hidden


@pytest.mark.parametrize(
    "style",
    [
        *("", "display:block", "font-size:12px", "opacity:0.5", "max-height:0", "left:-5px", "color:red", "font-size:0.9em"),
        *("position:absolute;left:9999px", "position:absolute;left:-9999px;right:0", "clip-path:inset(10%)", "opacity:none"),
        *("position:absolute;clip:rect(auto,0,0,0)", "position:absolute;clip:rect(0)", "font-size:calc(0px)", "font-size:1"),
        *("transform:translateX(-9999px) translateX(9999px)", "min-height:9px;height:0;overflow:hidden", "display:none frob"),
    ],
)
def test_seen(style: str) -> None:
    found = styled(style)

    assert not (found.is_hidden or found.is_pale)


@pytest.mark.parametrize("colour", ["white", "#fff", "#FFFFFF", "rgb(255, 255, 255)", "rgba(254,254,254,1)", "snow"])
def test_pale_on_white_paper_and_seen_on_dark(colour: str) -> None:
    dark = styled("background:#003366")

    assert styled(f"color:{colour}").is_pale
    assert not styled(f"color:{colour}", dark).is_pale


def test_pale_on_dark_paper_of_the_same_colour() -> None:
    assert styled("color:#000", styled("background:#000 none repeat scroll 0 0")).is_pale


def test_what_has_no_display_outside_has_none_inside() -> None:
    assert styled("display:block", styled("display:none")).is_hidden


def test_what_is_clipped_outside_is_seen_only_where_it_is_placed_anew() -> None:
    clipped = styled("height:0;overflow:hidden")

    assert styled("color:red", clipped).is_hidden
    assert not styled("position:absolute;top:9px", clipped).is_hidden


def test_an_indent_hides_where_lines_begin_at_the_left() -> None:
    assert styled("text-indent:-9999px").is_off_line
    assert not styled("text-indent:0", styled("text-indent:-9999px")).is_off_line
    assert not styled("text-indent:-9999px", look({"align": "right"})).is_off_line


def test_old_attributes_count() -> None:
    assert look({"color": "#ffffff"}, tag="font").is_pale
    assert not look({"color": "#ffffff"}, look({"bgcolor": "000000"}, tag="td"), "font").is_pale


@pytest.mark.parametrize("value", ["#zzz", "rgb(1,2)", "var(--x)", "lab(100 0 0)", "canvas"])
def test_colours_that_nobody_knows_hide_nothing(value: str) -> None:
    assert styled(f"color:{value}", styled("color:#fff")).ink is None


def test_what_may_lie_over_something_is_told() -> None:
    assert styled("position:absolute").is_layered
    assert styled("margin-top:-40px").is_layered
    assert not styled("position:relative;margin:4px").is_layered


def test_tables_take_no_size_from_outside() -> None:
    assert not look({}, styled("font-size:0"), "table").is_hidden
