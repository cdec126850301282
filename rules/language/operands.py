"""The values that conditions compare with, as people write them: read once, at load, into the field's own type.

What cannot be read raises `WrongValue`, whose message says what to write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time

import re2

from adapters.ticket import Json
from rules.files.problems import suggest
from rules.language.registry import Field, FieldType
from rules.values.durations import parse_duration
from rules.values.multi_pattern import regexp
from rules.values.text import normal

# As in texts of rules; customers may well write such a thing themselves, so words of theirs may be compared with it.
_PLACEHOLDER = re.compile(r"\{[a-z_]+(?:\.[a-z0-9_]+)*\}")


class WrongValue(Exception):
    """The operator cannot be used with this value; the message says what it wants. `at` is the place inside a list."""

    def __init__(self, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.at = at


def scalar(raw: Json, field: Field) -> str | float | bool:
    """The value to compare with, in the field's own type."""
    if field.type is FieldType.BOOL:
        return yes_no(raw)
    if field.type in (FieldType.NUMBER, FieldType.MONEY, FieldType.DURATION):
        return amount(raw, field)
    if field.type is FieldType.CUSTOM and isinstance(raw, bool | int | float):
        return raw if isinstance(raw, bool) else amount(raw, field)
    return word(raw, field)


def yes_no(raw: Json) -> bool:
    if not isinstance(raw, bool):
        raise WrongValue("wanted true or false")
    return raw


def word(raw: Json, field: Field) -> str:
    if not isinstance(raw, str):
        raise WrongValue(f"wanted text{_found(raw)}; put it in quotes if it is a word")
    wanted = normal(raw)
    if not wanted:
        raise WrongValue("wanted text, found nothing in it")
    if not field.is_prose and (named := _PLACEHOLDER.search(raw)):
        raise WrongValue(f"{named[0]}: conditions fill no placeholders, they compare with what is written: name the value itself")
    if field.choices and wanted not in field.choices:
        raise WrongValue(f"{raw}: no such value{suggest(wanted, field.choices) or ', it is one of ' + ', '.join(field.choices)}")
    return wanted


def amount(raw: Json, field: Field) -> float:
    """A number; seconds for a duration; the rank for an ordered choice."""
    if field.type is FieldType.ORDERED:
        return field.choices.index(word(raw, field))
    if field.type is FieldType.DURATION and isinstance(raw, str):
        return seconds(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or abs(raw) > 1e15:
        wanted = "a duration such as `4 h`" if field.type is FieldType.DURATION else "a number"
        raise WrongValue(f"wanted {wanted}{_found(raw)}")
    if field.type is FieldType.DURATION:
        if not field.unit_s:
            raise WrongValue("wanted a duration with its unit, such as `60 days`")
        return raw * field.unit_s
    return raw


def seconds(raw: Json) -> float:
    if not isinstance(raw, str):
        raise WrongValue(f"wanted a duration such as `4 h`{_found(raw)}")
    try:
        return parse_duration(raw).total_seconds()
    except (ValueError, OverflowError) as error:
        raise WrongValue(str(error)) from error


def moment(raw: object) -> datetime:
    """ISO 8601 text or what YAML makes of a date; no time zone means UTC."""
    try:
        if isinstance(raw, str):
            raw = datetime.fromisoformat(raw)
    except ValueError as error:
        raise WrongValue("wanted a time such as 2026-12-31T18:00:00Z") from error
    if isinstance(raw, date) and not isinstance(raw, datetime):
        raw = datetime.combine(raw, time())
    if not isinstance(raw, datetime):
        raise WrongValue("wanted a time such as 2026-12-31T18:00:00Z")
    return raw if raw.tzinfo else raw.replace(tzinfo=UTC)


def _found(raw: Json) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a mapping"}
    return f", found {kinds.get(type(raw), 'nothing')}"


def each_of(raw: Json, field: Field, read: Callable[[Json, Field], object]) -> list[object]:
    """One value or a list of them, read one by one."""
    if not isinstance(raw, list):
        return [read(raw, field)]
    if not raw:
        raise WrongValue("wanted at least one value in the list")
    values = []
    for place, one in enumerate(raw):
        try:
            values.append(read(one, field))
        except WrongValue as error:
            raise WrongValue(str(error), place) from error
    return values


def words(raw: Json, field: Field) -> list[str]:
    return [str(word) for word in each_of(raw, field, word)]


def pattern(raw: str) -> re2._Regexp:
    try:
        return regexp(raw)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else "not a pattern"
        hint = "; look-around and back-references are not supported, combine conditions with all and not instead"
        raise WrongValue(f"not a regular expression: {reason}{hint if '(?' in reason or 'escape' in reason else ''}") from error
