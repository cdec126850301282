"""One folding for all comparisons of words: rules, senses and search mean the same letters.

What people do not mean when they write a word is taken away: case, accents, width, kinds of hyphen and apostrophe, characters
that nobody sees. What makes another word stays. Umlauts are written in two ways (ä, ae), and both fold to the same.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Letters that no decomposition takes apart, the Turkish i, and one of each kind of apostrophe and hyphen.
_SAME = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "ŀ": "l"}
    | dict.fromkeys("\u2019\u2018\u02bc\u00b4`\uff07", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", "-")
)
# Default-ignorable characters: joiners, direction marks, soft hyphen, variation selectors, the byte order mark.
_UNSEEN = frozenset(
    [0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0, *range(0x180B, 0x1810), *range(0x200B, 0x2010)]
    + [*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), *range(0xE0000, 0xE1000)]
)
_HIDDEN = dict.fromkeys(_UNSEEN)
_ACCENTS_OF = ("LATIN", "GREEK", "CYRILLIC")


def fold(text: str) -> str:
    """The text in its folded letters. Lengths change; words, spaces and punctuation keep their order."""
    if text.isascii():
        return text.lower()
    seen = unicodedata.normalize("NFKC", text).translate(_HIDDEN).replace("\u0130", "i").casefold()
    return "".join(map(_letter, unicodedata.normalize("NFKC", seen))).translate(_SAME)


@lru_cache(maxsize=4_096)
def _letter(letter: str) -> str:
    """Without its accents, in scripts where they are often left out. A Japanese or Indic mark makes another letter."""
    if letter.isascii():
        return letter
    base = unicodedata.normalize("NFD", letter)
    if len(base) == 1 or not unicodedata.name(base[0], "").startswith(_ACCENTS_OF) or letter in "йё":
        return "е" if letter == "ё" else letter
    return base[0]
