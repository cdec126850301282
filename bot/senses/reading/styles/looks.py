"""How text looks inside an element: its ink and paper, its size and place, and whether anybody sees it.

Hidden is what has no display, no visibility, no size, no opacity, clear ink, or a place far off the page; pale is what has the
colour of its paper. Each only where it is certain: a property works on its kind of box, an inner size or colour replaces the
outer one, and ink or paper that nobody knows is never pale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import re2

from bot.senses.reading.styles.colours import WHITE, Colour, colour
from bot.senses.reading.styles.declarations import ODD, UNKNOWN
from bot.senses.reading.styles.sheets import PLAIN as NO_STYLE
from bot.senses.reading.styles.sheets import Styled

FAR = 900  # pixels: no line begins that far from where it is seen, and what is pulled back is found below
TINY = 2.0  # pixels: nobody reads such letters
CLEAR = 0.06  # of an ink or of an element: what is left cannot be read
SMALL = 10  # pixels of height: text may flow out over what stands below
USUAL = 16.0
_PIXELS = {"px": 1.0, "pt": 4 / 3, "em": USUAL, "rem": USUAL, "": 1.0}
_LENGTH = re2.compile(r"^([-+]?[\d.]+)(px|pt|em|rem|)$")
_SHARE = re2.compile(r"^([\d.]+)(%?)$")
_FONT = re2.compile(r"^([\d.]+)(px|pt|em|rem|%|)$")
_SHIFTED = re2.compile(r"^translate(?:x|y|3d)?\((-[\d.]+(?:px|pt|em|rem))(?: , 0(?:px)?)*\)$")
_NO_SCALE = re2.compile(r"^scale(?:x|y|3d)?\(0(?: , 0)*\)$")
_RECT = re2.compile(r"^rect\(([^()]*)\)$")
_INSET = re2.compile(r"^inset\(([\d.% ]+)\)$")
# Boxes of their own: a height or an indent does nothing to a word in a line, and a cell of a table grows with its text.
_BOXES_LIST = (
    "div p h1 h2 h3 h4 h5 h6 blockquote pre ul ol li dl dt dd center address article aside footer form header main nav section "
)
_BOXES = frozenset(_BOXES_LIST.split())
_BOX_DISPLAYS_LIST = "block inline-block flex inline-flex grid inline-grid list-item flow-root"
_BOX_DISPLAYS = frozenset(_BOX_DISPLAYS_LIST.split())
# They bring their own ink, paper or size of letters; where programs keep to old ways, a table takes neither from outside.
_OF_THEIR_OWN = frozenset({"mark", "button", "input", "select", "textarea", "option", "table"})
_OUTSIDE = frozenset({"absolute", "fixed"})
_SIDES = ("top", "right", "bottom", "left")
_PULLS = ("width", "min-width", "padding", "text-indent", "margin-right", "margin-bottom")
_NOTHING = frozenset({"", "none", "initial", "unset"})


@dataclass(frozen=True, slots=True)
class Look:
    """`ink`, `paper`: None where nobody knows. `is_off`: clipped or off the page; `is_odd`: drawn in a way of its own;
    `is_layered`: it may lie over something else, so that nobody knows any paper of the mail."""

    ink: Colour | None = None
    paper: Colour | None = WHITE
    font: float = USUAL
    opacity: float = 1.0
    is_gone: bool = False
    is_off: bool = False
    is_invisible: bool = False
    is_indented: bool = False
    is_left: bool = True
    is_odd: bool = False
    is_layered: bool = False

    @property
    def is_hidden(self) -> bool:
        is_clear = self.ink is not None and not self.is_odd and self.ink.share * self.opacity <= CLEAR
        return self.is_gone or self.is_off or self.is_invisible or is_clear or self.font <= TINY or self.opacity <= CLEAR

    @property
    def is_off_line(self) -> bool:
        """The first line of a block begins far off the page."""
        return self.is_indented and self.is_left

    @property
    def is_pale(self) -> bool:
        """In the colour of its paper."""
        if self.ink is None or self.paper is None or self.is_odd:
            return False
        return self.ink.over(self.paper).is_like(self.paper)


PLAIN = Look()


def look_of(tag: str, style: Styled, outer: Look, *, is_link: bool = False) -> Look:
    """The look inside an element with this style. `is_link`: it has the ink of links where nothing else is said."""
    if style is NO_STYLE and not is_link and tag != "center" and tag not in _OF_THEIR_OWN:
        return outer
    if outer.is_gone or style.of("display") == "none":
        return replace(outer, is_gone=True)
    is_own = tag in _OF_THEIR_OWN
    is_odd = outer.is_odd or ODD in style
    found = Look(
        ink=_ink(style.of("color"), None if is_own or is_link else outer.ink),
        paper=None if is_odd or (is_own and tag != "table") else _paper(style, outer.paper),
        font=_font(style.of("font-size"), USUAL if is_own else outer.font),
        opacity=round(outer.opacity * _share(style.of("opacity")), 3),
        is_off=_is_off(tag, style, outer),
        is_invisible=_is_invisible(style.of("visibility"), outer.is_invisible),
        is_indented=_is_indented(tag, style, outer.is_indented and not is_own),
        is_left=_is_left(tag, style, outer.is_left),
        is_odd=is_odd,
        is_layered=_is_layered(style),
    )
    return found if style.of("animation") in _NOTHING else _at_some_time_seen(found, outer)


def _at_some_time_seen(look: Look, outer: Look) -> Look:
    """What moves may come into sight."""
    off = outer.is_off
    return replace(
        look, ink=None, paper=None, font=USUAL, opacity=outer.opacity, is_off=off, is_invisible=False, is_indented=False
    )


def _ink(value: str, outer: Colour | None) -> Colour | None:
    return outer if value in ("", "inherit", "currentcolor") else colour(value)


def _paper(style: Styled, outer: Colour | None) -> Colour | None:
    if style.of("background-image") not in _NOTHING:
        return None
    value = style.of("background-color")
    if value in ("", "transparent", "none", "initial", "unset"):
        return outer
    found = colour(value)
    return found.over(outer) if found and outer else found if found and found.share == 1 else None


def _font(value: str, outer: float) -> float:
    if value in ("", "inherit", "smaller"):
        return outer
    found = _FONT.match(value)
    if not found or (not found.group(2) and _number(found.group(1)) != 0):
        return USUAL
    size, unit = _number(found.group(1)), found.group(2)
    return round(size * {"em": outer, "%": outer / 100}.get(unit, _PIXELS.get(unit, 1.0)), 3)


def _share(value: str) -> float:
    found = _SHARE.match(value)
    return min(1.0, _number(found.group(1)) / (100 if found.group(2) else 1)) if found else 1.0


def _is_invisible(value: str, outer: bool) -> bool:
    return outer if value in ("", "inherit") else value in ("hidden", "collapse")


def _is_off(tag: str, style: Styled, outer: Look) -> bool:
    """Clipped, or placed off the page; what is placed anew inside may be seen again."""
    is_anew = any(style.of(name) not in ("", "static", "none", "relative") for name in ("position", "transform")) or (
        style.of("position") == "relative" and any(style.of(side) not in ("", "auto") for side in _SIDES)
    )
    is_pulled = any(_length(style.of(name)) >= FAR or style.of(name) == UNKNOWN for name in _PULLS)
    if outer.is_off and not (is_anew or any(_length(style.of(name)) >= FAR for name in ("margin-left", "margin-top", *_PULLS))):
        return True
    return _is_clipped(tag, style) or (not is_pulled and _is_far(tag, style))


def _is_clipped(tag: str, style: Styled) -> bool:
    is_box = _is_box(tag, style)
    if is_box and style.of("overflow") in ("hidden", "clip") and not style.of("padding"):
        for size in ("height", "width"):
            is_zero = any(_is_zero(style.of(name)) for name in (size, f"max-{size}")) and not style.of(f"min-{size}").strip("0px")
            if is_zero and style.of(f"max-{size}") != UNKNOWN:
                return True
    if is_box and _NO_SCALE.match(style.of("transform")):
        return True
    if style.of("position") in _OUTSIDE and (found := _RECT.match(style.of("clip"))):
        sides = [_length(each) for each in found.group(1).replace(",", " ").split()]
        return len(sides) == 4 and (sides[2] <= sides[0] or sides[1] <= sides[3]) and not any(each != each for each in sides)
    return _is_cut_away(style.of("clip-path"))


def _is_cut_away(path: str) -> bool:
    if path in ("circle(0)", "circle(0px)", "circle(0%)"):
        return True
    found = _INSET.match(path)
    parts = found.group(1).split() if found else []
    if not parts or not all(each.endswith("%") or each == "0" for each in parts):
        return False
    top, right, bottom, left = [_number(each.rstrip("%")) for each in (parts * 4 if len(parts) < 3 else [*parts, parts[1]])[:4]]
    return top + bottom >= 100 or right + left >= 100


def _is_far(tag: str, style: Styled) -> bool:
    position = style.of("position")
    top, right, bottom, left = (style.of(side) for side in _SIDES)
    if position in _OUTSIDE or position == "relative":
        is_left = _length(left) <= -FAR and (right in ("", "auto") or position == "relative")
        is_right = _length(right) >= FAR and left in ("", "auto")
        is_above = _length(top) <= -FAR and (bottom in ("", "auto") or position == "relative")
        if is_left or is_right or is_above or (_length(bottom) >= FAR and top in ("", "auto")):
            return True
    if position in _OUTSIDE and any(_length(style.of(f"margin-{side}")) <= -FAR for side in ("left", "top")):
        return True
    found = _SHIFTED.match(style.of("transform")) if _is_box(tag, style) else None
    return found is not None and _length(found.group(1)) <= -FAR


def _is_indented(tag: str, style: Styled, outer: bool) -> bool:
    value = style.of("text-indent")
    if value in ("", "inherit"):
        return outer
    return _length(value) <= -FAR and _is_box(tag, style)


def _is_left(tag: str, style: Styled, outer: bool) -> bool:
    """Do lines begin at the left?"""
    if tag == "center" or style.of("direction") not in ("", "ltr", "inherit"):
        return False
    value = style.of("text-align")
    return outer if value in ("", "inherit", "start", "justify") else value == "left" and style.of("direction") != "rtl"


def _is_box(tag: str, style: Styled) -> bool:
    display = style.of("display")
    return display in _BOX_DISPLAYS or (display == "" and tag in _BOXES) or style.of("position") in _OUTSIDE


def _is_layered(style: Styled) -> bool:
    is_placed = style.of("position") not in ("", "static", "relative", "initial") or style.of("transform") not in _NOTHING
    is_moved = style.of("position") == "relative" and any(style.of(side) not in ("", "auto", "0", "0px") for side in _SIDES)
    is_pushed = any(style.of(f"margin-{side}").startswith(("-", UNKNOWN)) for side in _SIDES)
    is_flat = any(_length(style.of(name)) < SMALL for name in ("height", "max-height", "line-height") if "px" in style.of(name))
    return is_placed or is_moved or is_pushed or is_flat


def _is_zero(value: str) -> bool:
    return value.rstrip("pxtemr%") in ("0", "+0", "-0")


def _length(value: str) -> float:
    """In pixels; what is no number compares as false."""
    found = _LENGTH.match(value)
    return _number(found.group(1)) * _PIXELS[found.group(2)] if found else float("nan")


def _number(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        return float("nan")
