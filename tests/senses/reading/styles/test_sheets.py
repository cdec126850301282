"""Which of many rules holds, and where that is not certain."""

from __future__ import annotations

import pytest

from bot.senses.reading.styles.declarations import UNKNOWN
from bot.senses.reading.styles.selectors import Element
from bot.senses.reading.styles.sheets import MAX_ALIKE, MAX_LETTERS, MAX_OWN, Sheet, Styles, is_for_screens


def display(sheet: str, style: str = "", **given: str) -> str:
    return Styles([Sheet(sheet)]).of(element(style=style, **given)).of("display")


def element(**given: str) -> Element:
    return Element(
        tag="p", classes=frozenset({"x", "y"}), id="i", attributes={name: each for name, each in given.items() if each}
    )


@pytest.mark.parametrize(
    ("sheet", "wanted"),
    [
        (".x{display:none}", "none"),
        (".z{display:none}", ""),
        (".x{display:none}.x{display:block}", "block"),
        (".x.y{display:none}.x{display:block}", "none"),
        ("#i{display:none}.x.y{display:block}", "none"),
        (".x{display:none!important}#i{display:block}", "none"),
        (".x{display:none!important;display:block}", "none"),
        (".x{display:none}.m .x{display:block}", UNKNOWN),
        (".x{display:none!important}.m .x{display:block}", "none"),
        (".x{display:none}@media (max-width:9px){.x{display:none}}", "none"),
        ("@media (max-width:9px){.x{display:none}}", UNKNOWN),
        ("@media print{.x{display:none}}", ""),
        ("@media screen{@media all{.x{display:none}}}", "none"),
        ("@font-face{display:none}@import 'x';.x{display:none}", "none"),
        ("@namespace url(x);.x{display:none}", UNKNOWN),
        (".x{all:unset;display:none}", UNKNOWN),
        ("<!-- .x{display:none} -->", "none"),
        (".x{display:none", "none"),
        ("".join(f".x.z{number}{{color:red}}" for number in range(MAX_ALIKE + 1)) + ".x{display:none}", UNKNOWN),
        ("/*" + "x" * MAX_LETTERS + "*/.x{display:none}", UNKNOWN),
    ],
)
def test_the_last_and_weightiest_rule_holds(sheet: str, wanted: str) -> None:
    assert display(sheet) == wanted


def test_its_own_style_is_weightier_but_for_what_is_important() -> None:
    assert display(".x{display:none}", style="display:block") == "block"
    assert display(".x{display:none!important}", style="display:block") == "none"
    assert display(".m .x{display:none}", style="display:block") == "block"


def test_attributes_are_weighed_least() -> None:
    assert display("", hidden="hidden") == "none"
    assert display("p{display:block}", hidden="hidden") == "block"


def test_of_too_many_styles_those_behind_are_not_certain() -> None:
    styles = Styles()
    found = [styles.of(element(style=f"display:none;x{number}:1")).of("display") for number in range(MAX_OWN + 1)]

    assert found[0] == "none"
    assert found[-1] == UNKNOWN


@pytest.mark.parametrize(
    ("media", "wanted"),
    [
        *((each, True) for each in ("", "all", " Screen ", "only screen", "print, screen")),
        *((each, False) for each in ("print", "only print", "speech, print", "print and (x)")),
        *((each, None) for each in ("not print", "screen and (max-width:9px)", "(max-width:9px)", "print, frob")),
    ],
)
def test_media(media: str, wanted: bool | None) -> None:
    assert is_for_screens(media) is wanted
