"""The styles of one HTML mail: its sheets, found where the parser finds them, and each element's look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lxml import etree

from bot.senses.reading.styles.looks import Look, look_of
from bot.senses.reading.styles.selectors import Element
from bot.senses.reading.styles.sheets import Sheet, Styled, Styles
from bot.senses.reading.word_lists import phrases

MAX_REMEMBERED = 2_000
_BEFORE_NAMES = ("x_", "3d")  # what other programs put before a class
_ELSEWHERE = frozenset({"template", "noscript", "svg", "math", "select", "iframe", "object"})


def parsed(html: str, target: Any) -> None:
    """Shows a parser's events to `target`."""
    parser = etree.HTMLParser(target=target, huge_tree=True, recover=True)
    parser.feed(html.replace("\x00", ""))
    parser.close()


def styles_of(html: str) -> MailStyles:
    if "<style" not in html.lower():
        return MailStyles(())
    found = _Sheets()
    parsed(html, found)
    return MailStyles(found.sheets)


class MailStyles:
    def __init__(self, sheets: tuple[Sheet, ...] | list[Sheet]) -> None:
        self._styles = Styles(sheets)
        self._looks: dict[tuple[Any, ...], Look] = {}

    def look(self, tag: str, given: Mapping[str, str], outer: Look) -> Look:
        """The look inside an element. `given`: its attributes."""
        key = (tag, outer, *given.items())
        found = self._looks.get(key)
        if found is None:
            found = look_of(tag, self._styled(tag, given), outer, is_link=tag == "a" and "href" in given)
            if len(self._looks) < MAX_REMEMBERED:
                self._looks[key] = found
        return found

    def _styled(self, tag: str, given: Mapping[str, str]) -> Styled:
        classes = frozenset(given.get("class", "").split())
        element = Element(tag=tag, classes=classes, id=given.get("id", "").strip(), attributes=given)
        is_strange = not self._styles.has_sheets and not all(map(_is_a_programs, names([*classes, element.id])))
        return self._styles.of(element, is_strange=is_strange)


def names(written: list[str]) -> frozenset[str]:
    """Classes or ids as they were before another program put something before them."""
    found = set()
    for name in written:
        bare = name.lower()
        for before in _BEFORE_NAMES:
            bare = bare.removeprefix(before)
        found.add(bare[3:].lstrip("0123456789") if bare.startswith("yiv") else bare)
    return frozenset(found) - {""}


def _is_a_programs(name: str) -> bool:
    """Mail programs set such names without a style; any other one may have had a sheet that a helpdesk took away."""
    return name.startswith(tuple(phrases("markup.unstyled.starts")))


class _Sheets:
    """Takes the parser's events and keeps style sheets."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._texts: list[str] | None = None
        self._media = ""
        self._is_certain = True
        self._elsewhere = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        given = {name.lower(): value or "" for name, value in attributes.items()}
        self._elsewhere += tag in _ELSEWHERE
        if tag == "style" and given.get("type", "").strip().lower() in ("", "text/css"):
            self._texts = []
            self._media = given.get("media", "")
            self._is_certain = not self._elsewhere and "title" not in given

    def end(self, tag: str) -> None:
        self._elsewhere -= tag in _ELSEWHERE
        if tag == "style" and self._texts is not None:
            self.sheets.append(Sheet("".join(self._texts), self._media, self._is_certain))
            self._texts = None

    def data(self, text: str) -> None:
        if self._texts is not None:
            self._texts.append(text)

    def comment(self, text: str) -> None:
        """Nobody reads it."""

    def close(self) -> None:
        """The parser wants it."""
