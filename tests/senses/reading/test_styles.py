"""What a style hides."""

from __future__ import annotations

import pytest

from bot.senses.reading.styles import PLAIN, hidden_classes, look_of


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : NONE !important",
        "visibility: hidden",
        "font-size:0",
        "font-size:0px",
        "font-size:1px",
        "opacity:0",
        "opacity: 0.0",
        "mso-hide:all",
        "max-height:0;overflow:hidden",
        "text-indent:-9999px",
        "position:absolute;left:-10000px",
        "color:transparent",
        "position:absolute;clip:rect(0,0,0,0)",
        "transform:scale(0)",
    ],
)
def test_hidden(style: str) -> None:
    assert look_of("div", {"style": style}, PLAIN).is_hidden


@pytest.mark.parametrize(
    "style", ["", "display:block", "font-size:12px", "opacity:0.5", "max-height:0", "left:-5px", "color:red", "font-size:0.9em"]
)
def test_seen(style: str) -> None:
    look = look_of("div", {"style": style}, PLAIN)

    assert not (look.is_hidden or look.is_pale)


@pytest.mark.parametrize("colour", ["white", "#fff", "#FFFFFF", "rgb(255, 255, 255)", "rgba(254,254,254,1)", "snow"])
def test_pale_on_white_paper_and_seen_on_dark(colour: str) -> None:
    dark = look_of("div", {"style": "background:#003366"}, PLAIN)

    assert look_of("span", {"style": f"color:{colour}"}, PLAIN).is_pale
    assert not look_of("span", {"style": f"color:{colour}"}, dark).is_pale


def test_what_is_hidden_outside_is_hidden_inside() -> None:
    outer = look_of("div", {"style": "display:none"}, PLAIN)

    assert look_of("p", {"style": "display:block"}, outer).is_hidden


def test_old_attributes_count() -> None:
    assert look_of("font", {"color": "#ffffff"}, PLAIN).is_pale
    assert not look_of("font", {"color": "#ffffff"}, look_of("td", {"bgcolor": "black"}, PLAIN)).is_pale


@pytest.mark.parametrize("value", ["#zzz", "rgb(1,2)", "inherit", "var(--x)"])
def test_colours_that_nobody_knows_hide_nothing(value: str) -> None:
    assert look_of("p", {"style": f"color:{value}"}, PLAIN) == PLAIN


def test_classes_that_a_sheet_hides_on_every_screen() -> None:
    html = "<style>.a{color:red} div.b , .Pre, #Top{x:y;display:none} .d p{display:none} @media print{.c{display:none}}</style>"

    assert hidden_classes(html) == {"b", "pre", "top"}
    assert hidden_classes("<p>no sheet</p>") == frozenset()
