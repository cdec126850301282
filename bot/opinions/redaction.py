"""What a model need not know: addresses, numbers of phones, cards and accounts, keys. Each becomes a placeholder.

The same value is the same placeholder (`[EMAIL_1]`), so that the text reads on, and `restored` knows the way back for a model's
quotes. It is a courtesy to people and no promise: a name, or a number in words, stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import re2

_KEY = re2.compile(
    r"\b(?:sk|pk|rk|ghp|gho|ghs|glpat|xox[abpr]|AKIA|AIza|eyJ)[-_A-Za-z0-9.]{12,}|\b[A-Za-z0-9_+/=-]{24,}\b|\b[0-9a-fA-F]{20,}\b"
)
_EMAIL = re2.compile(r"[\pL\pN._%+'-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+")
_IBAN = re2.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re2.compile(r"\b\d(?:[ -]?\d){12,18}\b")
_PHONES = (
    r"(?:\+|\b00)\d[\d ()/.-]{5,18}\d\b",
    r"\b0\d{1,5}(?: ?[/-] ?| )\d[\d /-]{3,14}\d\b",
    r"\(\d{3}\) ?\d{3}[ .-]\d{4}\b",
    r"\b\d{3}[ .-]\d{3}[ .-]\d{4}\b",
)
_PHONE = re2.compile("|".join(_PHONES))
_LINE = 40  # letters of a key without which no number in it makes it one


@dataclass(frozen=True, slots=True)
class Redacted:
    """`originals`: placeholder -> what stood there."""

    text: str
    originals: Mapping[str, str]

    def restored(self, words: str) -> str:
        """A quote of the text as it stood in the original."""
        for placeholder, original in self.originals.items():
            words = words.replace(placeholder, original)
        return words


def redacted(text: str) -> Redacted:
    """The text with placeholders for all that is found."""
    placeholders: dict[str, str] = {}
    counts: dict[str, int] = {}

    def named(kind: str, value: str) -> str:
        known = f"{kind} {value.casefold()}"
        if known not in placeholders:
            counts[kind] = counts.get(kind, 0) + 1
            placeholders[known] = f"[{kind}_{counts[kind]}]"
            originals[placeholders[known]] = value
        return placeholders[known]

    originals: dict[str, str] = {}
    for kind, pattern, is_one in _KINDS:
        text = pattern.sub(_replacing(kind, is_one, named), text)
    return Redacted(text, originals)


def _replacing(kind: str, is_one: Callable[[str], bool], named: Callable[[str, str], str]) -> Callable[[re2._Match], str]:
    def replaced(match: re2._Match) -> str:
        value = str(match[0])
        return named(kind, value) if is_one(value) else value

    return replaced


def _is_key(value: str) -> bool:
    """Letters and digits mixed, or very long: no long word, and no line of dashes."""
    has_digit, has_letter = any(map(str.isdigit, value)), any(map(str.isalpha, value))
    return has_digit and (has_letter or len(value) >= _LINE)


def _is_iban(value: str) -> bool:
    """By its check digits (ISO 13616)."""
    plain = value.replace(" ", "")
    turned = "".join(str(int(each, 36)) for each in plain[4:] + plain[:4])
    return 15 <= len(plain) <= 34 and int(turned) % 97 == 1


def _is_card(value: str) -> bool:
    """By its check digit (Luhn)."""
    digits = [int(each) for each in value if each.isdigit()][::-1]
    doubled = (sum(divmod(2 * each, 10)) for each in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _any(value: str) -> bool:
    return True


# In this order: a key may hold what looks like a number of a card.
_KINDS: tuple[tuple[str, re2._Regexp, Callable[[str], bool]], ...] = (
    ("EMAIL", _EMAIL, _any),
    ("IBAN", _IBAN, _is_iban),
    ("CARD", _CARD, _is_card),
    ("KEY", _KEY, _is_key),
    ("PHONE", _PHONE, _any),
)
