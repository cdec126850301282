"""A mail's styles together: what they declare for an element, and where that is not certain.

Rules for paper or for a voice are left out; those for some screens, or inside what not every program knows, count as perhaps. The
last and weightiest rule for a property wins. Letters, names and different styles that are read of one mail are bounded; what is
behind the bound makes all of it uncertain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import tinycss2

from bot.senses.reading.styles.colours import attribute_colour
from bot.senses.reading.styles.declarations import ALL, UNKNOWN, Declared, declarations, declared, plain
from bot.senses.reading.styles.selectors import EVERYBODY, Element, Selector, selectors

MAX_LETTERS = 100_000  # of all sheets of a mail, and as many of its elements' own styles
MAX_SELECTORS = 3_000
MAX_OWN = 1_500  # different styles of elements
MAX_ALIKE = 40  # selectors that the same class, id or tag has
MAX_DEPTH = 4  # of rules in each other
_INLINE, _SHEET, _ATTRIBUTE = 2, 1, 0
_SCREENS = frozenset({"", "all", "screen", "only all", "only screen"})
_ELSEWHERE = ("print", "speech", "aural", "braille", "embossed", "handheld", "projection", "tty", "tv")
_SILENT = frozenset(
    {"font-face", "page", "keyframes", "-webkit-keyframes", "-moz-keyframes", "import", "charset", "counter-style"}
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A style sheet's text, and for which media. `is_certain`: it surely counts."""

    text: str
    media: str = ""
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class _Said:
    """What one rule says of a property. `rank`: how weighty it is; `place`: which of the same rank is the last."""

    value: str
    rank: tuple[bool, int]
    place: tuple[int, ...] = ()
    is_certain: bool = True


class Styled:
    """What is declared for one element."""

    def __init__(self, said: Mapping[str, Sequence[_Said]]) -> None:
        self._said = said

    def of(self, name: str) -> str:
        """The value of a property; "" where it has none, UNKNOWN where it is not certain."""
        said, of_all = self._said.get(name, ()), self._said.get(ALL, ())
        best = max((each for each in said if each.is_certain), key=lambda each: (each.rank, each.place), default=None)
        rivals = [*(each for each in said if not each.is_certain), *of_all]
        if best is None:
            return UNKNOWN if rivals else ""
        return UNKNOWN if any(each.rank >= best.rank and each.value != best.value for each in rivals) else best.value

    def __contains__(self, name: str) -> bool:
        return name in self._said


PLAIN = Styled({})


class Styles:
    """The styles of one mail."""

    def __init__(self, sheets: Iterable[Sheet] = ()) -> None:
        self.has_sheets = False
        self._left_of_sheets = self._left_of_own = MAX_LETTERS
        self._rules: dict[str, dict[Selector, dict[str, _Said]]] = {}
        self._count = 0
        self._inline: dict[str, tuple[Declared, ...]] = {}
        for sheet in sheets:
            self.has_sheets = True
            self._add_sheet(sheet)

    def of(self, element: Element, *, is_strange: bool = False) -> Styled:
        """What is declared for an element, by rules, by its own style and by old attributes. `is_strange`: it has a name that
        some sheet may have coloured which is not in the mail."""
        said: dict[str, list[_Said]] = {}
        if is_strange:
            said = {name: [_Said(UNKNOWN, (False, _SHEET), (), False)] for name in ("color", "background-color")}
        for selector, rule in self._matching(element):
            is_sure = selector.means(element)
            if is_sure is False:
                continue
            for name, each in rule.items():
                said.setdefault(name, []).append(each if is_sure else replace(each, is_certain=False))
        for name, value in _by_attributes(element):
            said.setdefault(name, []).append(_Said(value, (False, _ATTRIBUTE)))
        for place, one in enumerate(self._own(element.attributes.get("style", ""))):
            said.setdefault(one.name, []).append(_Said(one.value, (one.is_important, _INLINE), (place,), one.name != ALL))
        return Styled(said) if said else PLAIN

    def _own(self, text: str) -> tuple[Declared, ...]:
        if not text.strip():
            return ()
        found = self._inline.get(text)
        if found is None:
            self._left_of_own -= len(text)
            found = (
                declarations(text) if self._left_of_own >= 0 and len(self._inline) < MAX_OWN else (Declared(ALL, UNKNOWN, True),)
            )
            if len(self._inline) < MAX_OWN:
                self._inline[text] = found
        return found

    def _matching(self, element: Element) -> Iterable[tuple[Selector, dict[str, _Said]]]:
        if not self._rules:
            return
        keys = ["*", element.tag, *(f"[{name}" for name in element.attributes)]
        keys += {f".{name.lower()}" for name in element.classes}
        keys += [f"#{element.id.lower()}"] if element.id else []
        for key in keys:
            if key in self._rules:
                yield from self._rules[key].items()

    def _add_sheet(self, sheet: Sheet) -> None:
        is_meant = is_for_screens(sheet.media)
        if is_meant is False:
            return
        self._left_of_sheets -= len(sheet.text)
        if self._left_of_sheets < 0:
            self._doubt_all()
            return
        nodes = tinycss2.parse_stylesheet(sheet.text, skip_comments=True, skip_whitespace=True)
        self._add(nodes, sheet.is_certain and bool(is_meant))

    def _add(self, nodes: Sequence[Any], is_certain: bool, depth: int = 0) -> None:
        for node in nodes:
            if node.type == "qualified-rule":
                self._add_rule(node, is_certain, depth)
            elif node.type == "at-rule" and node.lower_at_keyword not in _SILENT:
                self._add_group(node, is_certain, depth)

    def _add_group(self, node: Any, is_certain: bool, depth: int) -> None:
        """Rules inside @media and the like."""
        is_media = node.lower_at_keyword == "media"
        is_meant = is_for_screens(plain(node.prelude)) if is_media else None
        if is_meant is False:
            return
        if node.content is None or depth >= MAX_DEPTH:
            self._doubt_all()
            return
        inside = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
        self._add(inside, is_certain and bool(is_meant), depth + 1)

    def _add_rule(self, node: Any, is_certain: bool, depth: int) -> None:
        if self._count >= MAX_SELECTORS:
            self._doubt_all()
            return
        content = tinycss2.parse_blocks_contents(node.content, skip_comments=True, skip_whitespace=True)
        said = declared(content)
        if said:
            for selector in selectors(node.prelude):
                self._put(selector if is_certain else replace(selector, is_certain=False), said)
        nested = [each for each in content if each.type in ("qualified-rule", "at-rule")]
        if nested and depth < MAX_DEPTH:
            self._add(nested, False, depth + 1)
        elif nested:
            self._doubt_all()

    def _put(self, selector: Selector, said: Sequence[Declared]) -> None:
        alike = self._rules.setdefault(selector.key, {})
        rule = alike.get(selector)
        if rule is None:
            if len(alike) >= MAX_ALIKE or self._count >= MAX_SELECTORS:
                self._doubt_all()
                return
            rule = alike[selector] = {}
        self._count += 1
        for one in said:
            new = _Said(one.value, (one.is_important, _SHEET), (*selector.weight, self._count), selector.is_certain)
            rule[one.name] = _later(rule.get(one.name), new)

    def _doubt_all(self) -> None:
        """There is more that nobody here has understood."""
        self._rules.setdefault("*", {})[EVERYBODY] = {ALL: _Said(UNKNOWN, (False, _SHEET), (), False)}


def _later(old: _Said | None, new: _Said) -> _Said:
    """What holds of two rules with the same selector."""
    if old is None:
        return new
    if new.is_certain:
        return new if new.rank >= old.rank else old
    return new if new == replace(old, place=new.place) else replace(new, value=UNKNOWN, rank=max(old.rank, new.rank))


def _by_attributes(element: Element) -> Iterable[tuple[str, str]]:
    given = element.attributes
    if "hidden" in given:
        yield "display", "none"
    if "bgcolor" in given:
        yield "background-color", attribute_colour(given["bgcolor"])
    if given.get("background"):
        yield "background-image", UNKNOWN
    if element.tag == "font":
        if "color" in given:
            yield "color", attribute_colour(given["color"])
        if "size" in given:
            yield "font-size", "medium"
    if "align" in given:
        yield "text-align", given["align"].strip().lower()
    if "dir" in given:
        yield "direction", given["dir"].strip().lower()


def is_for_screens(media: str) -> bool | None:
    """Whether styles for these media count on a screen; None: on some."""
    queries = {" ".join(each.split()) for each in media.lower().split(",")}
    if queries & _SCREENS:
        return True
    is_elsewhere = all(each.removeprefix("only ").split(" ")[0] in _ELSEWHERE for each in queries)
    return False if is_elsewhere else None
