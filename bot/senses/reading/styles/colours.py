"""Colours of ink and paper, and whether anybody tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import re2
from tinycss2 import color4

NEAR = 16  # of 255: nobody reads letters that differ so little from their paper
MAX_LETTERS = 60
_BARE = re2.compile(r"^[0-9a-f]{6}$")


@dataclass(frozen=True, slots=True)
class Colour:
    """Red, green and blue from 0 to 255. `share`: 0 is nothing, 1 covers what is below."""

    red: float
    green: float
    blue: float
    share: float = 1.0

    def over(self, paper: Colour) -> Colour:
        """As it looks on a paper that covers."""
        red, green, blue = (round(self.share * a + (1 - self.share) * b, 1) for a, b in zip(self.parts, paper.parts, strict=True))
        return Colour(red, green, blue)

    def is_like(self, other: Colour) -> bool:
        return all(abs(a - b) <= NEAR for a, b in zip(self.parts, other.parts, strict=True))

    @property
    def parts(self) -> tuple[float, float, float]:
        return self.red, self.green, self.blue


WHITE = Colour(255, 255, 255)


@lru_cache(maxsize=1_024)
def colour(text: str) -> Colour | None:
    """A colour of CSS; None where it is none, or one that only the reader's program knows."""
    if not text or len(text) > MAX_LETTERS:
        return None
    found = color4.parse_color(text)
    if found is None or isinstance(found, str):
        return None
    try:
        red, green, blue = (255 * min(1.0, max(0.0, part)) for part in found.to("srgb").coordinates)
    except (NotImplementedError, TypeError, ValueError):  # a space that nobody converts, or a part that is missing
        return None
    return Colour(red, green, blue, min(1.0, max(0.0, float(found.alpha))))


def attribute_colour(text: str) -> str:
    """A colour of an old attribute such as bgcolor as CSS writes it: there the # may be missing."""
    bare = text.strip().lower()
    return f"#{bare}" if _BARE.match(bare) else bare
