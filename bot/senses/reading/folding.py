"""Text as the reader compares it: the one folding (rules/values/folding.py), with ASCII digits, so that dates are found."""

from __future__ import annotations

import unicodedata

from rules.values.folding import fold

_LAST = 0x1F000  # the scripts that mails are written in; beyond are pictures and rarities
_DIGITS = {
    code: str(unicodedata.decimal(chr(code))) for code in range(0x80, _LAST) if unicodedata.decimal(chr(code), None) is not None
}


def spread(text: str, most: int) -> str:
    """The text; where folding makes more than `most` letters of it and more than there are, as folding spells it: one sign of
    some scripts is eighteen letters, and what is bounded before would not be so after."""
    if text.isascii():
        return text
    spelled = unicodedata.normalize("NFKC", text)
    return spelled if len(spelled) > max(most, len(text)) else text


def folded(text: str) -> str:
    """`Grüße` and `GRUSSE`, `résilié` and `resilie` are the same. As many lines as before."""
    plain = fold(text)
    return plain if plain.isascii() else plain.translate(_DIGITS)
