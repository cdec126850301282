"""Comparing words the way people mean them: whatever case, width or apostrophe, and only as whole words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u00ad": None, "\u200b": None})

# Scripts that are written without spaces: there a word has no visible edge.
_NO_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")


def normal(text: str) -> str:
    """NFKC and casefold, one kind of apostrophe, any run of white space as one space, none at the ends."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_APOSTROPHES).split())


def first_phrase(text: str, phrases: Iterable[str]) -> str:
    """The first of `phrases` that stands in `text` as whole words, or "". Both sides are `normal` already."""
    return next((phrase for phrase in phrases if has_phrase(text, phrase)), "")


def has_phrase(text: str, phrase: str) -> bool:
    """Does the phrase stand in the text with a word's edge on either side? Both are `normal` already."""
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        if _is_edge(text, start) and _is_edge(text, end):
            return True
        start = text.find(phrase, start + 1)
    return False


def _is_edge(text: str, place: int) -> bool:
    """Is there no word going on across `place`?"""
    if place == 0 or place == len(text):
        return True
    left, right = text[place - 1], text[place]
    if left.isascii() and right.isascii():  # as nearly always; what follows says the same of them, slowly
        return not (left.isalnum() and right.isalnum())
    return not (_in_word(left) and _in_word(right)) or _needs_no_space(left) or _needs_no_space(right)


def _in_word(character: str) -> bool:
    # Vowel signs of Indic scripts are marks, not letters, and belong to the word all the same.
    return character.isalnum() or (not character.isascii() and unicodedata.category(character).startswith("M"))


def _needs_no_space(character: str) -> bool:
    return not character.isascii() and unicodedata.name(character, "").startswith(_NO_SPACES)
