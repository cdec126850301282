"""A style as properties and values."""

from __future__ import annotations

import pytest

from bot.senses.reading.styles.declarations import ODD, UNKNOWN, Declared, declarations


@pytest.mark.parametrize(
    ("style", "wanted"),
    [
        ("DISPLAY:/**/ None ! important", [Declared("display", "none", True)]),
        (r"disp\6c ay:n\6fne", [Declared("display", "none")]),
        ("color:RGB( 1%,2%,3% )", [Declared("color", "rgb(1% , 2% , 3%)")]),
        ("font:bold 0/0 a", [Declared("font-size", "0")]),
        ("font:0", [Declared("font-size", UNKNOWN)]),
        ("font:caption", [Declared("font-size", UNKNOWN)]),
        ("padding:0", []),
        ("padding-top:3px", [Declared("padding", "3px")]),
        ("mso-hide:all;font-family:'A;color:red'", []),
        ("frob:1", [Declared(ODD, UNKNOWN)]),
        ("background:#fff none", [Declared("background-color", "#fff"), Declared("background-image", "none")]),
        ("background:none", [Declared("background-color", "transparent"), Declared("background-image", "none")]),
        ("background:url(x) #fff", [Declared("background-color", UNKNOWN), Declared("background-image", UNKNOWN)]),
        ("color:f(f(f(f(f(1)))))", [Declared("color", UNKNOWN)]),
        ("/*display:none*/", []),
        ("x{display:none}", []),
    ],
)
def test_what_a_style_declares(style: str, wanted: list[Declared]) -> None:
    assert list(declarations(style)) == wanted


@pytest.mark.parametrize(
    ("margin", "wanted"), [("1px", "1111"), ("1px 2px", "1212"), ("1px 2px 3px", "1232"), ("1px 2px 3px 4px", "1234")]
)
def test_margins_are_taken_apart(margin: str, wanted: str) -> None:
    assert [each.value for each in declarations(f"margin:{margin}")] == [f"{digit}px" for digit in wanted]
