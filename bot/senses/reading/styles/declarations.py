"""One style as what it declares: property and value, shorthands taken apart, values as plain text in lower case.

Read by tinycss2, which knows comments, escapes and quotes as browsers do. What is not understood is UNKNOWN, never left out: it
may be what makes a text visible.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2
import tinycss2

from bot.senses.reading.styles.colours import colour

UNKNOWN = "?"
ODD = "odd"  # stands for all properties that nobody here understands
ALL = "all"
MAX_DEPTH = 3  # of functions in each other
MAX_TOKENS = 40  # of a value
# Those that `looks.py` asks for.
_ASKED_LIST = (
    "display visibility opacity color background-color background-image font-size overflow position clip clip-path "
    "transform text-indent text-align direction top right bottom left margin-top margin-right margin-bottom margin-left "
    "width height max-width max-height min-width min-height animation padding line-height "
)
ASKED = frozenset(_ASKED_LIST.split())
# Those that neither hide nor show anything, nor change the paper.
_PLAIN_LIST = (
    "font font-family font-weight font-style font-variant font-stretch text-decoration text-transform letter-spacing "
    "word-spacing white-space word-break word-wrap overflow-wrap hyphens vertical-align cursor box-sizing table-layout orphans "
    "widows clear border-collapse border-spacing border-radius list-style list-style-type list-style-position "
    "page-break-before float page-break-after background-repeat background-position background-size background-attachment "
    "z-index caption-side text-decoration-line text-decoration-color text-decoration-style font-feature-settings quotes tab-size "
    "line-break page text-underline text-size-adjust unicode-bidi empty-cells border-width border-style border-color "
    "caret-color "
)
_PLAIN = frozenset(_PLAIN_LIST.split())
_PLAIN_STARTS = ("mso-", "--", "-ms-", "-webkit-text-size", "-webkit-font-s", "-moz-osx-", "-webkit-line-break", "-webkit-nbsp")
_BORDER = re2.compile(r"^border(?:-(?:top|right|bottom|left))?(?:-(?:width|style|color))?$")
_SIDES = ("top", "right", "bottom", "left")
_PAPER_WORDS_LIST = "none repeat no-repeat repeat-x repeat-y scroll fixed local top right bottom left center / ,"
_PAPER_WORDS = frozenset(_PAPER_WORDS_LIST.split())
_FONT_WORDS_LIST = "normal italic oblique bold bolder lighter small-caps 100 200 300 400 500 600 700 800 900"
_FONT_WORDS = frozenset(_FONT_WORDS_LIST.split())
_FONT_SIZE = re2.compile(r"^(?:0|[\d.]+(?:px|pt|em|rem|%)|medium|small|large|smaller|larger|x-small|x-large|xx-small|xx-large)$")
_LENGTH = re2.compile(r"^[-+]?[\d.]+(?:px|pt|em|rem|%)?$")


@dataclass(frozen=True, slots=True)
class Declared:
    name: str
    value: str
    is_important: bool = False


def declarations(text: str) -> tuple[Declared, ...]:
    """What a style attribute declares, in its order."""
    return declared(tinycss2.parse_blocks_contents(text, skip_comments=True, skip_whitespace=True))


def declared(nodes: Sequence[Any]) -> tuple[Declared, ...]:
    """The same of a rule that tinycss2 has read; rules inside it are left out."""
    found = []
    for node in nodes:
        if node.type == "declaration":
            value = plain(node.value)
            found += [Declared(name, each, node.important) for name, each in _longhands(node.lower_name, value)]
    return tuple(found)


def plain(nodes: Sequence[Any], depth: int = 0) -> str:
    """Tokens as text without comments; UNKNOWN where they are too many or too deep."""
    if len(nodes) > MAX_TOKENS or depth > MAX_DEPTH:
        return UNKNOWN
    parts = [_written(node, depth) for node in nodes]
    return UNKNOWN if UNKNOWN in parts else " ".join("".join(parts).split())


def _written(node: Any, depth: int) -> str:
    match node.type:
        case "comment" | "whitespace":
            return " "
        case "ident":
            return f"{node.lower_value} " if node.lower_value.isascii() else UNKNOWN
        case "hash":
            return f"#{node.value.lower()} "
        case "number" | "percentage" | "dimension":
            unit = {"percentage": "%", "number": ""}.get(node.type) if node.type != "dimension" else node.lower_unit
            return f"{node.value:.6g}{unit} "
        case "literal":
            return f"{node.value} "
        case "string":
            return '"" '
        case "url":
            return "url() "
        case "function":
            inside = plain(node.arguments, depth + 1)
            return UNKNOWN if UNKNOWN in inside else f"{node.lower_name}({inside}) "
    return UNKNOWN


def _longhands(name: str, value: str) -> Iterator[tuple[str, str]]:
    match name:
        case "background":
            yield from _background(value)
        case "font":
            yield "font-size", _size_of_font(value)
        case "margin":
            yield from zip((f"margin-{side}" for side in _SIDES), _four(value), strict=True)
        case "overflow-x" | "overflow-y":
            yield "overflow", UNKNOWN
        case "animation-name":
            yield "animation", value
        case _ if name.startswith("padding"):
            if value not in ("0", "0px"):
                yield "padding", value if value.count(" ") == 0 else UNKNOWN
        case _ if name in ASKED or name == ALL:
            yield name, value
        case _ if not (name in _PLAIN or name.startswith(_PLAIN_STARTS) or _BORDER.match(name)):
            yield ODD, UNKNOWN


def _background(value: str) -> Iterator[tuple[str, str]]:
    """Its colour where nothing else is laid over it."""
    if colour(value) or value in ("none", "transparent", "initial", "unset"):
        yield "background-color", "transparent" if value == "none" else value
        yield "background-image", "none"
        return
    words = [each for each in value.split(" ") if each not in _PAPER_WORDS and not _LENGTH.match(each)]
    is_plain = len(words) == 1 and colour(words[0]) is not None
    yield "background-color", words[0] if is_plain else UNKNOWN
    yield "background-image", "none" if is_plain else UNKNOWN


def _size_of_font(value: str) -> str:
    """The size in `bold 0/0 a`; a font without a family is none, and no program minds it."""
    words = [each for each in value.partition("/")[0].split() if each not in _FONT_WORDS]
    rest = value.partition("/")[2].split()[1:] if "/" in value else words[1:]
    return words[0] if words and rest and _FONT_SIZE.match(words[0]) else UNKNOWN


def _four(value: str) -> tuple[str, str, str, str]:
    """Top, right, bottom, left."""
    match value.split(" "):
        case [every]:
            return every, every, every, every
        case [upright, level]:
            return upright, level, upright, level
        case [top, level, bottom]:
            return top, level, bottom, level
        case [top, right, bottom, left]:
            return top, right, bottom, left
    return UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN
