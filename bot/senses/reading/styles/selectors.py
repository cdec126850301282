"""Selectors of style sheets: whom a rule means, for certain or perhaps.

One part (`p`, `.x`, `#x`, `p.x`, `[title=x]`) is certain. What depends on other elements, on the mouse or on what nobody here
understands is perhaps: it means all that its last part means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MAX_PARTS = 40  # tokens of one selector
MAX_LIST = 1_000
# Everybody knows these; a name that a program does not know makes it drop the whole list of selectors.
_STATES_LIST = "hover link visited active focus root first-child last-child"
_STATES = frozenset(_STATES_LIST.split())
_BESIDE = frozenset(["before", "after"])  # they are no text of the mail
_COMBINED = frozenset(">+~")


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A tag as it stands in the mail, its names as they are written."""

    tag: str
    classes: frozenset[str]
    id: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    tag: str = ""
    ids: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    attributes: tuple[tuple[str, str | None], ...] = ()
    is_certain: bool = True

    @property
    def key(self) -> str:
        """Under which name an element finds it."""
        for mark, names in (("#", self.ids), (".", self.classes)):
            if names:
                return mark + min(names).lower()
        if self.attributes:
            return f"[{self.attributes[0][0]}"
        return self.tag or "*"

    @property
    def weight(self) -> tuple[int, int, int]:
        return len(self.ids), len(self.classes) + len(self.attributes), int(bool(self.tag))

    def means(self, element: Element) -> bool | None:
        """None: perhaps. Names that differ in case alone are the same in some programs."""
        is_same = True
        asked: list[tuple[str, frozenset[str]]] = [(each, element.classes) for each in self.classes]
        asked += [(each, frozenset({element.id})) for each in self.ids]
        for name, names in asked:
            if name not in names:
                is_same = False
                if name.lower() not in {each.lower() for each in names}:
                    return False
        for name, value in self.attributes:
            found = element.attributes.get(name)
            if found is None:
                return False
            if value is not None and found != value:
                is_same = False
                if found.lower() != value.lower():
                    return False
        if self.tag and self.tag != element.tag:
            return False
        return True if is_same and self.is_certain else None


EVERYBODY = Selector(is_certain=False)


def selectors(nodes: Sequence[Any]) -> list[Selector]:
    """Those of a rule's list. One that nobody understands makes all of them uncertain."""
    found: list[Selector] = []
    is_certain = True
    parts = _split(nodes)
    if len(parts) > MAX_LIST:
        return [EVERYBODY]
    for part in parts:
        selector, is_known = _selector(part)
        is_certain &= is_known
        if selector is not None:
            found.append(selector)
    return found if is_certain else [replace(each, is_certain=False) for each in found]


def _split(nodes: Sequence[Any]) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for node in nodes:
        if node.type == "literal" and node.value == ",":
            parts.append([])
        elif node.type != "comment":
            parts[-1].append(node)
    return parts


def _selector(nodes: list[Any]) -> tuple[Selector | None, bool]:
    """The last part of a selector (None: what is no element), and whether all of it is understood."""
    while nodes and nodes[-1].type == "whitespace":
        nodes.pop()
    while nodes and nodes[0].type == "whitespace":
        nodes = nodes[1:]
    if not nodes or len(nodes) > MAX_PARTS:
        return EVERYBODY, False
    begun = max((at + 1 for at, node in enumerate(nodes) if _is_combined(node)), default=0)
    reader = _Reader(nodes[begun:])
    before = _Reader([node for node in nodes[:begun] if not _is_combined(node)])
    is_known = reader.read() and before.read() and bool(nodes[begun:])
    if reader.is_beside:
        return None, is_known
    return reader.selector(is_certain=is_known and begun == 0 and not reader.has_state), is_known


def _is_combined(node: Any) -> bool:
    return node.type == "whitespace" or (node.type == "literal" and node.value in _COMBINED)


class _Reader:
    def __init__(self, nodes: list[Any]) -> None:
        self._nodes = nodes
        self._tag = ""
        self._ids: set[str] = set()
        self._classes: set[str] = set()
        self._attributes: list[tuple[str, str | None]] = []
        self._is_foreign = self.has_state = self.is_beside = False

    def selector(self, is_certain: bool) -> Selector:
        return Selector(
            tag="" if self._is_foreign else self._tag,
            ids=frozenset(self._ids),
            classes=frozenset(self._classes),
            attributes=tuple(sorted(self._attributes, key=str)),
            is_certain=is_certain,
        )

    def read(self) -> bool:
        """Whether all of it is understood."""
        is_known, mark = True, ""
        for place, node in enumerate(self._nodes):
            is_known &= self._read(node, mark, is_first=place == 0)
            mark = node.value if node.type == "literal" and node.value != "*" else ""
        return is_known and not mark

    def _read(self, node: Any, mark: str, *, is_first: bool) -> bool:
        """`mark`: the sign just before it."""
        if node.type == "literal":
            self._is_foreign |= node.value == "|"
            return (node.value == "." and not mark) or (node.value == ":" and mark != ".") or (node.value == "*" and is_first)
        if node.type == "[] block":
            return self._read_attribute([each for each in node.content if each.type not in ("whitespace", "comment")])
        if node.type == "hash" and node.is_identifier and not mark:
            self._ids.add(node.value)
            return True
        if node.type != "ident" or not (is_first or mark in (".", ":")):
            return False
        if mark == ".":
            self._classes.add(node.value)
        elif mark == ":":
            self.has_state |= node.lower_value in _STATES
            self.is_beside |= node.lower_value in _BESIDE
            return node.lower_value in _STATES | _BESIDE
        else:
            self._tag = node.lower_value
        return True

    def _read_attribute(self, nodes: list[Any]) -> bool:
        if not nodes or nodes[0].type != "ident":
            return False
        name = nodes[0].lower_value
        if len(nodes) == 1:
            self._attributes.append((name, None))
            return True
        if len(nodes) == 3 and nodes[1].type == "literal" and nodes[1].value == "=" and nodes[2].type in ("ident", "string"):
            self._attributes.append((name, nodes[2].value))
            return True
        self._attributes.append((name, None))
        return False
