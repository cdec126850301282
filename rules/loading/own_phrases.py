"""What a phrase of a team's own may be: words that a text can be searched for (bot/senses/lexicon.py does), and none that stands
everywhere. `cancel*` is a word that starts so, `_` up to three words between, `=schön` needs its accents.
"""

from __future__ import annotations

import unicodedata

from rules.values.folding import fold
from rules.values.text import is_in_word, needs_no_space

LEAST_LETTERS = 2  # of a phrase; one is enough in a script without spaces
LEAST_OF_STEM = 3  # letters before a `*`: fewer begin half of all words
MOST_LETTERS = 100
MOST_WORDS = 12
_OF_WORDS = "%&+@"
_OF_PATTERNS = "\\^$[]{}()<>"


def wrong_phrase(phrase: str) -> str:
    """Why a phrase cannot be looked for, and what to write instead; "" where it can."""
    words = phrase.removeprefix("=").split()
    if len(phrase) > MOST_LETTERS or len(words) > MOST_WORDS:
        return f"longer than {MOST_LETTERS} letters or {MOST_WORDS} words: leave the words that tell it, or write an example"
    if "|" in phrase:
        return "`|` is no sign of a phrase: write two phrases"
    if ".*" in phrase or ".+" in phrase or any(each in phrase for each in _OF_PATTERNS):
        return "patterns are not used here: `cancel*` is a word that starts so, `_` up to three words between"
    if wrong := next(filter(None, (_wrong_word(word) for word in words)), ""):
        return wrong
    letters = _letters(phrase)
    if not any(map(is_in_word, letters)):
        return "this has no letter or figure: write a word"
    if len(letters) < LEAST_LETTERS and not any(map(needs_no_space, letters)):
        return "one letter stands in nearly every text: write a word"
    return "a gap `_` stands between two words" if "_" in (words[0], words[-1]) else ""


def same_phrase(phrase: str) -> str:
    """The same for phrases that are found in the same texts."""
    exact = phrase.startswith("=")
    return " ".join(phrase.split()) if exact else " ".join(fold(phrase).split())


def same_words(text: str) -> str:
    """The same for texts of the same words, whatever stands between them."""
    return " ".join("".join(each if is_in_word(each) else " " for each in fold(text)).split())


def _wrong_word(word: str) -> str:
    stem = word.removesuffix("*")
    if "*" in stem or (stem != word and not _letters(stem)):
        return "`*` stands at the end of a word, as in `cancel*`"
    if stem != word and len(_letters(stem)) < LEAST_OF_STEM and not any(map(needs_no_space, stem)):
        return f"{word}: half of all words begin so: write {LEAST_OF_STEM} letters or more before the `*`"
    if word != "_" and not _letters(word):
        seen = "".join(each for each in word if unicodedata.category(each)[0] not in "CM")
        return f"{seen or 'what nobody sees'} has no letter or figure: delete it, or write a word"
    return ""


def _letters(text: str) -> str:
    """What of it is looked for as part of a word."""
    return "".join(each for each in fold(text) if is_in_word(each) or each in _OF_WORDS)
