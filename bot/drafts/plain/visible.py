"""Characters that are seen, and those that hide: what a draft shows and a model reads holds no invisible text."""

from __future__ import annotations

import unicodedata

_INVISIBLE = frozenset({"Cf", "Cc", "Co", "Cs"})
_ZWNJ, _ZWJ = "\u200c", "\u200d"
# Format characters that are drawn: signs before numbers, the end of a verse (Unicode: Prepended_Concatenation_Mark).
_DRAWN = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
# Scripts whose letters a joiner changes: Arabic to Syriac and N'Ko, those of India and Sri Lanka, Tibetan, Myanmar, Khmer,
# Mongolian, Arabic presentation forms, later ones of India. Between other letters it says nothing, and would hide words from
# the checks.
_JOINING = (
    (0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xA840, 0xA87F), (0xA8E0, 0xA8FF),
    (0xFB50, 0xFDFF), (0xFE70, 0xFEFE), (0x10AC0, 0x10AFF), (0x10F00, 0x10FAF), (0x11000, 0x11FFF), (0x1E900, 0x1E95F),
)  # fmt: skip
_EMOJI_PARTS = frozenset("\ufe0f\u2194\u2195" + "".join(map(chr, range(0x1F3FB, 0x1F400))))


def without_hidden(text: str) -> str:
    """The text without invisible characters. A joiner stays where it shapes what is seen: the half space of Persian, conjuncts of
    Indian scripts, emoji made of several."""
    if text.isascii():
        return "".join(char for char in text if char in "\n\t" or char.isprintable())
    kept = ""
    for place, char in enumerate(text):
        if char in {_ZWNJ, _ZWJ}:
            kept += char if _joins(kept[-1:], char, text[place + 1 : place + 2]) else ""
        elif char in "\n\t" or char in _DRAWN or unicodedata.category(char) not in _INVISIBLE:
            kept += char
    return kept


def _joins(before: str, joiner: str, after: str) -> bool:
    if not before or before in {_ZWNJ, _ZWJ}:
        return False
    if joiner == _ZWJ:
        return _is_joining(before) or (_is_emoji(before) and bool(after) and _is_emoji(after))
    return bool(after) and _is_lettered(before) and _is_lettered(after) and (_is_joining(before) or _is_joining(after))


def _is_joining(char: str) -> bool:
    return _is_lettered(char) and any(first <= ord(char) <= last for first, last in _JOINING)


def _is_lettered(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _is_emoji(char: str) -> bool:
    return char in _EMOJI_PARTS or (unicodedata.category(char) == "So" and ord(char) > 0x2000)
