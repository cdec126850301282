"""What a style hides from a reader: no display, no size, no opacity, far off the page, or the colour of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import re2

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
MAX_STYLE = 4_000
NEAR = 24  # of 255: colours that nobody tells apart
_SIZE = re2.compile(r"^(-?\d*\.?\d+)\s*(px|pt|em|rem|%|)$")
_RGB = re2.compile(r"^rgba?\(\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*[, ]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]+)\s*)?\)$")
_NAMES: Mapping[str, Colour] = {
    "white": WHITE, "snow": (255, 250, 250), "ivory": (255, 255, 240), "whitesmoke": (245, 245, 245), "black": (0, 0, 0),
    "red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 128, 0), "gray": (128, 128, 128), "grey": (128, 128, 128),
    "navy": (0, 0, 128), "silver": (192, 192, 192), "yellow": (255, 255, 0), "purple": (128, 0, 128), "orange": (255, 165, 0),
}  # fmt: skip
_SIZES = ("max-height", "height", "width", "max-width")
_PLACES = ("text-indent", "left", "top", "margin-left")
_RULE = re2.compile(r"(?is)<style\b[^>]*>(.*?)</style")
_RULESET = re2.compile(r"([^{}]+)\{([^{}]*)\}")
_NAME = re2.compile(r"[.#]([\w-]+)\s*(?:,|$)")
_MEDIA = re2.compile(r"(?i)@media[^{}]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks: its colour (None: as the reader likes it), the paper below it, and whether anybody sees it."""

    colour: Colour | None = None
    paper: Colour = WHITE
    is_hidden: bool = False

    @property
    def is_pale(self) -> bool:
        """In the colour of its paper."""
        return self.colour is not None and all(abs(a - b) <= NEAR for a, b in zip(self.colour, self.paper, strict=True))


PLAIN = Look()


def look_of(tag: str, given: Mapping[str, str], outer: Look) -> Look:
    """The look inside an element. `given`: its attributes."""
    colour = given.get("color", "") if tag == "font" else ""
    return _look(given.get("style", ""), colour, given.get("bgcolor", ""), outer)


@lru_cache(maxsize=256)
def _look(text: str, colour: str, paper: str, outer: Look) -> Look:
    style = _style(text)
    ink = _colour(style.get("color", "") or colour)
    below = _colour(_first_colour(style) or paper)
    return Look(ink or outer.colour, below or outer.paper, outer.is_hidden or _is_hiding(style))


def hidden_classes(html: str) -> frozenset[str]:
    """Classes and ids that a style sheet hides on every screen."""
    if "<style" not in html.lower():
        return frozenset()
    found: set[str] = set()
    for sheet in _RULE.findall(html):
        for selectors, rule in _RULESET.findall(_MEDIA.sub("", sheet)):
            if _is_hiding(_style(rule)):
                found |= {name.lower() for name in _NAME.findall(selectors)}
    return frozenset(found)


def _style(text: str) -> dict[str, str]:
    parts = (each.partition(":") for each in text[:MAX_STYLE].lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, colon, value in parts if colon}


def _first_colour(style: Mapping[str, str]) -> str:
    return style.get("background-color", "") or style.get("background", "").partition(" ")[0]


def _is_hiding(style: Mapping[str, str]) -> bool:
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse") or style.get("mso-hide") == "all":
        return True
    if style.get("overflow") == "hidden" and any(_is_zero(style.get(name, "")) for name in _SIZES):
        return True
    if style.get("clip", "").startswith("rect(0") or "scale(0)" in style.get("transform", ""):
        return True
    is_unseen = _is_tiny(style.get("font-size", "")) or _is_zero(style.get("opacity", "")) or style.get("color") == "transparent"
    return is_unseen or any(_is_far(style.get(name, "")) for name in _PLACES)


def _is_tiny(value: str) -> bool:
    found = _SIZE.match(value)
    if not found:
        return False
    size, unit = float(found.group(1)), found.group(2)
    return size <= {"px": 1, "pt": 1, "em": 0.1, "rem": 0.1, "%": 5, "": 0}[unit]


def _is_zero(value: str) -> bool:
    found = _SIZE.match(value)
    return bool(found) and float(found.group(1)) == 0


def _is_far(value: str) -> bool:
    found = _SIZE.match(value)
    return bool(found) and float(found.group(1)) <= -500


def _colour(text: str) -> Colour | None:
    value = text.strip().lower()
    if value in _NAMES:
        return _NAMES[value]
    if value.startswith("#") and len(value) in (4, 7):
        digits = value[1:] if len(value) == 7 else "".join(digit * 2 for digit in value[1:])
        try:
            return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
        except ValueError:
            return None
    found = _RGB.match(value)
    return (int(found.group(1)), int(found.group(2)), int(found.group(3))) if found else None
