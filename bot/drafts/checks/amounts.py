"""Amounts and percentages as values (349,00 EUR and €349 are one, $20 is not in 2026), and sentences that give money away."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import re2

_NUMBER = r"\d[\d.,'’ \x{00a0}]{0,15}\d|\d"
_WORD = (
    r"usd|eur|euros?|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|inr|jpy|cny|cad|aud|brl"
    r"|dollars?|pounds?|francs?|franken|kr|zł|bucks|percent|prozent"
)
_SIGN = r"(?:us|ca|au|r)?\p{Sc}"
_AMOUNT = re2.compile(
    rf"(?i)(?P<before>{_SIGN}|\b(?:{_WORD}))\s?(?P<first>{_NUMBER})(?P<times>\s?(?:k|m|mio|million)\b)?"
    rf"|(?P<second>{_NUMBER})(?P<many>\s?(?:k|m|mio|million)\b)?\s?(?P<after>{_SIGN}|%|(?:{_WORD})\b)"
)
_SAME = {
    "$": "usd", "us$": "usd", "dollar": "usd", "dollars": "usd", "bucks": "usd", "€": "eur", "euro": "eur", "euros": "eur",
    "£": "gbp", "pound": "gbp", "pounds": "gbp", "¥": "jpy", "francs": "chf", "franc": "chf", "franken": "chf", "percent": "%",
    "prozent": "%", "zł": "pln",
}  # fmt: skip
_THING = (
    "refund|credit(?: note)?|discount|voucher|coupon|compensation|rebate|goodwill|gutschrift|rabatt|erstattung|rückerstattung"
    "|gutschein|nachlass|entschädigung|remboursement|avoir|remise|réduction|dédommagement|bon|reembolso|descuento|abono|compensación"
    "|rimborso|sconto|buono|reembolso|desconto|korting|terugbetaling"
)
_SOME = r"(?:[$€£¥]\s?)?\d[\d.,]*\s?(?:%|[$€£¥]|[a-zß]{2,8})?"
_GIVES = re2.compile(
    rf"(?i)\b(?:{_THING})s?\s(?:of|over|in höhe von|über|von|de|di|van|worth)\s(?:up to\s)?{_SOME}"
    rf"|{_SOME}\s(?:off|less|cheaper|zurück|rabatt|nachlass|gutschrift|gutgeschrieben|discount|refund|credit(?: note)?\b"
    rf"|de remise|de réduction|de rabais|remboursés?|de descuento|di sconto|de desconto|korting)\b"
    r"|[$€£¥]\s?\d[\d.,]* back\b|\d[\d.,]*\s?[$€£¥] back\b"
    r"|\b(?:free of charge|for free|one month free|\w+ free months?|kostenlos|gratis|gratuit\w*)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """`value` in `unit` (a currency's code, or "%"). `words`: as it stands in the text."""

    value: Decimal
    unit: str
    words: str

    @property
    def key(self) -> tuple[Decimal, str]:
        return self.value, self.unit


def find_amounts(text: str) -> list[Amount]:
    found = []
    for match in _AMOUNT.finditer(text):
        number, sign = match["first"] or match["second"], match["before"] or match["after"]
        before = text[match.start() - 1 : match.start()]
        value = _value(number)
        if value is not None and not (before.isalnum() and before.isascii()):
            unit = _SAME.get(sign.casefold(), sign.casefold())
            scale = (match["times"] or match["many"] or "").strip().casefold()
            factor = 1000 if scale == "k" else 1_000_000 if scale else 1
            found.append(Amount(value=value * factor, unit=unit, words=match.group().strip()))
    return found


def gives_money(text: str) -> bool:
    """ "a credit of $471", "26% off": what only a person may offer, whether or not the figure is known."""
    return bool(_GIVES.search(text))


def _value(number: str) -> Decimal | None:
    """1.234,50 and 1,234.50 and 1234.5: the last separator is the decimal one where one or two digits follow it."""
    plain = "".join(char for char in number if char.isdigit() or char in ".,")
    head, _, tail = plain.replace(",", ".").rpartition(".")
    whole = f"{head.replace('.', '')}.{tail}" if head and len(tail) in (1, 2) else plain.replace(",", "").replace(".", "")
    try:
        return Decimal(whole).normalize()
    except InvalidOperation:
        return None
