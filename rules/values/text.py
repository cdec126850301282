"""Comparing words the way people mean them: in whatever letters (rules/values/folding.py), and only as whole words.

`normal` is for names, tags and choices, where an accent makes another word, and is what traces show.
`folded` is for words in texts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from rules.values.folding import fold_letters, one_kind, spell_out_letters

# Scripts that are written without spaces, or whose endings are: there a word has no visible edge.
_NO_SPACES = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")


def normal(text: str) -> str:
    """One case, width, hyphen and apostrophe, nothing unseen, any run of white space as one space, none at the ends."""
    return " ".join(one_kind(text).split())


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in its two forms, ä as a and ä as ae: the same object where it has no such letters. Two of them are the same words
    where they agree in one form."""

    letters: str
    spelled: str

    @property
    def forms(self) -> tuple[str, ...]:
        return (self.letters,) if self.spelled is self.letters else (self.letters, self.spelled)


def folded(text: str) -> Folded:
    """Both forms, in one spacing."""
    seen = normal(text)
    letters, spelled = fold_letters(seen) or seen, spell_out_letters(seen) or seen  # a mark alone would be nowhere and everywhere
    return Folded(letters, letters if spelled == letters else spelled)


def exact(text: str) -> Folded:
    """As it is written: in an address another accent is another place."""
    seen = normal(text)
    return Folded(seen, seen)


Letters = Callable[[str], Folded]  # `folded` or `exact`


def first_phrase(text: Folded, phrases: Iterable[str], letters: Letters = folded) -> str:
    """The first of `phrases` that stands in `text` as whole words, or ""."""
    return next((phrase for phrase in phrases if stands_in(text, letters(phrase))), "")


def stands_in(text: Folded, phrase: Folded) -> bool:
    """Does the phrase stand in the text as whole words, in one of the forms?"""
    if has_phrase(text.letters, phrase.letters):
        return True
    return (text.spelled is not text.letters or phrase.spelled is not phrase.letters) and has_phrase(text.spelled, phrase.spelled)


def has_phrase(text: str, phrase: str) -> bool:
    """Does the phrase stand in the text with a word's edge on either side? Both are in the same form already."""
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
    return not (is_in_word(left) and is_in_word(right)) or needs_no_space(left) or needs_no_space(right)


def is_in_word(character: str) -> bool:
    # Vowel signs of Indic scripts are marks, not letters, and belong to the word all the same.
    return character.isalnum() or (not character.isascii() and unicodedata.category(character).startswith("M"))


def needs_no_space(character: str) -> bool:
    return not character.isascii() and _is_unspaced(character)


@lru_cache(maxsize=4_096)
def _is_unspaced(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_NO_SPACES)
