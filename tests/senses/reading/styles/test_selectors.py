"""Whom a rule means, for certain or perhaps."""

from __future__ import annotations

import pytest
import tinycss2

from bot.senses.reading.styles.selectors import MAX_LIST, Element, selectors

ELEMENT = Element(tag="p", classes=frozenset({"a", "b"}), id="i", attributes={"title": "T", "class": "a b", "id": "i"})


def meant(text: str) -> bool | None:
    """What the likeliest selector of a list says of ELEMENT."""
    found = [each.means(ELEMENT) for each in selectors(tinycss2.parse_component_value_list(text))]
    return True if True in found else None if None in found else False


@pytest.mark.parametrize(
    "text", ["p", "P", ".a", ".a.b", "#i", "p.a#i", "*", "*.a", "[title]", "[title=T]", 'p[title="T"]', "x, .a", ".a,x", ".\\61 "]
)
def test_certainly(text: str) -> None:
    assert meant(text) is True


@pytest.mark.parametrize(
    "text",
    [".m .a", ".m>.a", ".a:hover", ".A", "#I", "[title=t]", "[title^=T]", ".a:not(.c)", ":is(.c)", ".a, ..c", ".a,", "x|p", "."],
)
def test_perhaps(text: str) -> None:
    assert meant(text) is None


@pytest.mark.parametrize("text", ["div", ".c", "#a", ".i", "p.c", "[href]", "[title=U]", ".a::before", ".a .c", ".c:hover"])
def test_not_at_all(text: str) -> None:
    assert meant(text) is False


def test_of_a_list_without_an_end_nobody_knows_whom_it_means() -> None:
    assert meant(",".join(["x"] * (MAX_LIST + 1))) is None
