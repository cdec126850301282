"""One folding for all comparisons of words: rules, senses and search mean the same letters.

What people do not mean when they write a word is taken away: case, width, kinds of hyphen and apostrophe, characters that nobody
sees, accents. What makes another word stays. Umlauts are left out in two ways, "kündigung" is written "kundigung" or
"kuendigung", so a text with such letters has two forms: `fold` and `spell_out`. Words are the same where they agree in one form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import re2

_APOSTROPHES = "\u2019\u2018\u02bc\u00b4\uff07"
_HYPHENS = "\u05be\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
# Default-ignorable characters: joiners, direction marks, soft hyphen, fillers, variation selectors, the byte order mark.
_UNSEEN = (
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *(*range(0x180B, 0x1810), *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)),
    *(*range(0xFE00, 0xFE10), *range(0x1BCA0, 0x1BCA4), *range(0xE0000, 0xE1000)),
)
_ONE_KIND = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(map(chr, _UNSEEN)))
# A Japanese or Indic mark makes another letter; in these scripts marks are often left out.
_ACCENTS_OF = ("LATIN", "GREEK", "CYRILLIC", "ARABIC")
_MARKS = (*range(0x300, 0x370), *range(0x591, 0x5C0), *(0x5C1, 0x5C2, 0x5C4, 0x5C5, 0x5C7, 0x640, 0x670), *range(0x64B, 0x660))
# Letters that no decomposition takes apart, and й, which is not и with an accent.
_LETTERS = dict(
    zip("łđħŧðıŀйё" + "ىیېةکٱؤ", "ldhtdilйе" + "يييهكاو", strict=True),
    þ="th",
    œ="oe",
)
_SHORT = {"ä": "a", "ö": "o", "ü": "u", "å": "a", "ø": "o", "æ": "a"}
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
# Words, their beginnings and their pieces in which these pairs of letters are German umlauts written out; then all of the word's
# are. In "due", "fuel" or "fuego" they are none.
_WORDS = "fuer dafuer wofuer hierfuer"
_BEGINNINGS = """aender aehnl aerger duerf faell fuehl fuenf guenst haett hoeh hoechst jaehr kuerz laeuft loesen moecht moeg muess
    naech oeffn spaet taegl traeg uebl uebr uebung waehl wuens wuerd zaehl"""
_PIECES = """auftraeg beitraeg bestaet betraeg buero erklaer frueh fuehr geaender gebuehr geloest geoeffn geraet gespraech gewaehl
    gezaehl gluec groess gruess guelt hinzufueg koenn kuend loesch loesung moeglich natuerl oesterreich plaetz ploetz pruef rueck
    schluess stueck ueber unterstuetz veraender verfueg verspaet vertraeg zugaeng zwoelf"""
_WORD, _BEGINNING, _PIECE = ("|".join(words.split()) for words in (_WORDS, _BEGINNINGS, _PIECES))
_WRITTEN_OUT = re2.compile(rf"\b(?:(?:{_WORD})\b|(?:{_BEGINNING})[a-z]*)|[a-z]*(?:{_PIECE})[a-z]*".encode())
_DIGRAPH = re.compile(rb"([ao]|(?<![aeq])u)e")  # not of "neue" and "Quelle"


class _Table(dict[int, str]):
    """A letter's folded form by its code point; made at its first use. A combining mark is nothing."""

    def __init__(self, umlauts: Mapping[str, str]) -> None:
        super().__init__({ord(letter): folded for letter, folded in (_LETTERS | dict(umlauts)).items()})
        self.update(dict.fromkeys(_MARKS, ""))

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)
        if len(base) > 1 and unicodedata.name(base[0], "").startswith(_ACCENTS_OF):
            letter = _LETTERS.get(base[0], base[0])
        self[code] = letter
        return letter


_PLAIN, _SPELLED_OUT = _Table(_SHORT), _Table(_SPELLED)


def one_kind(text: str) -> str:
    """The text in one case, width and kind of hyphen and apostrophe, without what nobody sees. Its letters keep their accents."""
    if text.isascii():
        return text.lower().replace("`", "'")
    seen = _NOT_ASCII.sub(_seen, unicodedata.normalize("NFKC", text)).replace("`", "'")
    # The Turkish capital is its own i: casefold would leave its dot behind.
    return unicodedata.normalize("NFKC", seen.replace("\u0130", "i").casefold())


def fold(text: str) -> str:
    """The text in its folded letters, ä as a. Lengths change; words, spaces and punctuation keep their order."""
    return fold_letters(one_kind(text))


def spell_out(text: str) -> str:
    """The other form, ä as ae. The same as `fold` where the text has no such letters, in either way of writing."""
    return spell_out_letters(one_kind(text))


def fold_letters(seen: str) -> str:
    """`fold` of what is `one_kind` already."""
    plain = seen if seen.isascii() else _NOT_ASCII.sub(_plain, seen)
    return _contracted(plain) if "ue" in plain or "ae" in plain or "oe" in plain else plain


def spell_out_letters(seen: str) -> str:
    return seen if seen.isascii() else _NOT_ASCII.sub(_spelled, seen)


def _seen(found: re.Match[str]) -> str:
    return found[0].translate(_ONE_KIND)


def _plain(found: re.Match[str]) -> str:
    return found[0].translate(_PLAIN)


def _spelled(found: re.Match[str]) -> str:
    return found[0].translate(_SPELLED_OUT)


def _contracted(text: str) -> str:
    data = text.encode("utf-8", "surrogatepass")  # hand-made JSON may hold half a pair
    found = _WRITTEN_OUT.sub(_shortened, data) if _WRITTEN_OUT.search(data) else data
    return text if found is data else found.decode("utf-8", "surrogatepass")


def _shortened(found: re2._Match) -> bytes:
    return _DIGRAPH.sub(rb"\1", found[0])
