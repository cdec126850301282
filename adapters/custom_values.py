"""Fields that a team made itself, read alike on every helpdesk: the type is the mapping's, whatever the helpdesk sends.

Helpdesks give one value in several shapes: a checkbox as true, "true" or 1, a choice as text or as a list of one, a day as ISO
text or as seconds. What can only mean one thing is read. What could mean two (01/03/2026) or is of another type is unknown
(None): it costs that field and nothing else, and `Account.on_misfit` is told, without the value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from adapters.helpdesk import Account, FieldMapping, Misfit
from adapters.raw import Raw, kind_of
from adapters.ticket import CustomValue

# The types of a mapping, and what each is called where somebody is to mend it.
EXPECTED: Mapping[str, str] = {
    "text": "text",
    "enum": "text",
    "number": "a number",
    "bool": "true or false",
    "date": "a date (2026-03-01)",
    "multi": "a text or a list of texts",
}

# By the type of a mapping: the types of a helpdesk's field whose values it can read. Texts may hold a number or a date, or not.
FITS: Mapping[str, frozenset[str]] = {
    "text": frozenset({"text", "enum", "number", "date"}),
    "enum": frozenset({"text", "enum", "number"}),
    "number": frozenset({"number"}),
    "bool": frozenset({"bool"}),
    "date": frozenset({"date"}),
    "multi": frozenset({"multi", "enum", "text"}),
}

# Attributes of a company that are not text; all others are (adapters.ticket.Company).
COMPANY_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("mrr", "arr", "health", "nps"), "number"),
    **dict.fromkeys(("is_premium", "is_strategic"), "bool"),
    "renewal_at": "date",
}

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?")
_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.{0,30}")
_SECONDS = range(100_000_000, 253_402_300_800)  # from 1973 to the year 9999; a smaller number is a count, not a moment


class _DoesNotFit(Exception):
    pass


def read_fields(places: Callable[[str], Raw], account: Account) -> dict[str, CustomValue]:
    """Each mapped field of a ticket by its slug; None where it is empty, absent or unknown. `places` gives the value under the
    vendor's id or name of the field."""
    return {each.slug: read_field(places(each.vendor), each, account) for each in account.fields}


def read_field(place: Raw, mapping: FieldMapping, account: Account) -> CustomValue:
    """One mapped field; None where it is empty or unknown. Never raises."""
    return _read(place, mapping.type, mapping.slug, account)


def read_company_attribute(place: Raw, name: str, account: Account) -> CustomValue:
    """An attribute of a company (tier, arr, renewal_at, ...) by the type that it has with us; None where empty or unknown."""
    found = _read(place, COMPANY_TYPES.get(name, "text"), f"company.{name}", account)
    # `Company` holds fractions: a whole number would read back as another value than the one that was hashed.
    return float(found) if type(found) is int else found


def moment_of(value: CustomValue) -> datetime | None:
    """The time that a date from here tells; a day is its midnight UTC."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else None


def plain_values(fields: Raw) -> dict[str, CustomValue]:
    """Fields that no mapping names, as they are: those with one value, and those without any."""
    return {
        name: each.value
        for name, each in fields.fields()
        if each.value is None or isinstance(each.value, str | int | float | bool)
    }


def to_custom_value(place: Raw, kind: str) -> CustomValue:
    """The value in the type `kind` of a mapping: text, enum, number, bool, date, multi. None where it is empty or unknown."""
    try:
        return _READERS[kind](place.value) if place.is_there else None
    except _DoesNotFit:
        return None


def _read(place: Raw, kind: str, name: str, account: Account) -> CustomValue:
    try:
        return _READERS[kind](place.value) if place.is_there else None
    except _DoesNotFit:
        account.on_misfit(Misfit(account=account.name, field=name, expected=EXPECTED[kind], found=kind_of(place.value)))
        return None


def _text(value: object) -> str:
    """Text; a number as its digits, since helpdesks mix the two in choices and order numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _DoesNotFit
    return str(_plain_number(value))


def _number(value: object) -> int | float:
    """A number, also one written as text; without a fraction it is whole, as 3 and 3.0 are the same everywhere. `1,000` is a
    thousand to some and one to others."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value.strip()):
            raise _DoesNotFit
        digits = value.strip()
        return int(digits) if digits.lstrip("+-").isdecimal() else _plain_number(float(digits))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _DoesNotFit
    return _plain_number(value)


def _plain_number(value: float) -> int | float:
    if not math.isfinite(value):
        raise _DoesNotFit
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def _bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
    word = word.removesuffix(".0")
    if word not in _TRUE | _FALSE:
        raise _DoesNotFit
    return word in _TRUE


def _date(value: object) -> str:
    """ISO text: `2026-03-01` for a day, else the moment in UTC. Midnight UTC is the day alone: some helpdesks know only
    moments, and write a day so."""
    moment = _moment(value)
    whole = moment.isoformat()
    return whole.removesuffix("T00:00:00+00:00")


def _moment(value: object) -> datetime:
    if isinstance(value, str):
        text = value.strip()
        if text.isascii() and text.isdecimal() and len(text) in (9, 10, 11):
            return _moment(int(text))
        if not (_DAY.fullmatch(text) or _MOMENT.fullmatch(text)):
            raise _DoesNotFit
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise _DoesNotFit from None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or int(value) not in _SECONDS:
        raise _DoesNotFit
    return datetime.fromtimestamp(value, UTC)


def _multi(value: object) -> tuple[str, ...]:
    """Choices; one alone may come without its list. Empty entries say nothing."""
    entries = value if isinstance(value, list) else [value]
    return tuple(_text(each) for each in entries if each is not None and each != "")


_READERS: Mapping[str, Callable[[object], CustomValue]] = {
    "text": _text,
    "enum": _text,
    "number": _number,
    "bool": _bool,
    "date": _date,
    "multi": _multi,
}
