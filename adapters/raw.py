"""A typed reader for vendors' JSON: one wrong shape, one clear message, no try/except per field.

`Raw(payload)["detail"]["id"].whole()` gives the number or raises PayloadUnexpected naming the path and the type
found (`$.detail.id: wanted a whole number, found a list`), never the customer's words.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from adapters.errors import PayloadUnexpected

_MISSING: Any = object()
T = TypeVar("T")

_WORDS = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


def kind_of(value: Any) -> str:
    """A word for a JSON value's type, for messages."""
    return "nothing" if value is _MISSING else _WORDS.get(type(value), type(value).__name__)


class Raw:
    """One place in a payload. Indexing never fails; reading says what is wrong and where.

    Readers take `default`: it is returned where the value is absent, null or "". Without a default that is an error.
    """

    __slots__ = ("path", "value")

    def __init__(self, value: Any, path: str = "$") -> None:
        self.value = value
        self.path = path

    def __getitem__(self, name: str) -> Raw:
        inside = self.value.get(name, _MISSING) if isinstance(self.value, dict) else _MISSING
        return type(self)(inside, f"{self.path}.{name}")

    def __contains__(self, name: str) -> bool:
        return isinstance(self.value, dict) and name in self.value

    @property
    def is_there(self) -> bool:
        """True where the value is present and neither null nor ""."""
        return self.value is not _MISSING and self.value is not None and self.value != ""

    def text(self, default: str = _MISSING) -> str:
        """Text; a number is given as its digits (vendors mix the two for ids and labels)."""
        if not self.is_there:
            return self._absent(default, "text")
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return str(self.value)
        return self._misfit(default, "text")

    def whole(self, default: int = _MISSING) -> int:
        """A whole number, also from text of up to 20 digits."""
        if not self.is_there:
            return self._absent(default, "a whole number")
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        if (
            isinstance(self.value, str)
            and self.value.isascii()
            and self.value.removeprefix("-").isdecimal()
            and len(self.value) <= 20
        ):
            return int(self.value)
        return self._misfit(default, "a whole number")

    def number(self, default: float = _MISSING) -> float:
        if not self.is_there:
            return self._absent(default, "a number")
        try:
            value = math.nan if isinstance(self.value, bool) else float(self.value)
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        return value if math.isfinite(value) else self._misfit(default, "a number")

    def flag(self, default: bool = _MISSING) -> bool:
        if not self.is_there:
            return self._absent(default, "true or false")
        if isinstance(self.value, bool):
            return self.value
        return self._misfit(default, "true or false")

    def identifier(self, default: str | None = _MISSING) -> str | None:
        """An id as text. "0" and "" mean none at these vendors. Anything but digits, letters, `_` and `-` is refused,
        so that an id can be put into a path as it is."""
        text = self.text(default="")
        if text in ("", "0"):
            return self._absent(default, "an id")
        if len(text) > 64 or not all(char.isascii() and (char.isalnum() or char in "_-") for char in text):
            return self._misfit(default, "an id of letters and digits")
        return text

    def time(self, default: datetime | None = _MISSING) -> datetime | None:
        """An aware UTC time, from ISO 8601 text or unix seconds."""
        if not self.is_there:
            return self._absent(default, "a time")
        if isinstance(self.value, bool):
            return self._misfit(default, "a time")
        try:
            if isinstance(self.value, str) and not self.value.isdecimal():
                moment = datetime.fromisoformat(self.value)
                return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            return datetime.fromtimestamp(float(self.value), UTC)
        except (TypeError, ValueError, OverflowError, OSError):
            return self._misfit(default, "a time")

    def items(self) -> Iterator[Raw]:
        """Each entry of a list; nothing where the list is absent or null."""
        if not self.is_there:
            return
        if not isinstance(self.value, list):
            return self._misfit(None, "a list")
        for place, inside in enumerate(self.value):
            yield type(self)(inside, f"{self.path}[{place}]")

    def fields(self) -> Iterator[tuple[str, Raw]]:
        """Each name and value of an object; nothing where it is absent or null."""
        if not self.is_there:
            return
        if not isinstance(self.value, dict):
            return self._misfit(None, "an object")
        for name in self.value:
            yield name, self[name]

    def texts(self) -> Iterator[str]:
        """Each text or number of a list, such as names of tags or ids; entries of another type say nothing."""
        for each in self.items():
            if each.is_there and isinstance(each.value, str | int | float) and not isinstance(each.value, bool):
                yield each.text()

    def object(self) -> Raw:
        """Itself, if it is an object."""
        if not isinstance(self.value, dict):
            raise self.unexpected("an object")
        return self

    def tolerant(self) -> Raw:
        """The same place, whose readers take the default also where the value is of another type, and whose lists and objects
        are empty there: for what only supplements, so that one odd field costs that field and not the ticket."""
        return _Tolerant(self.value, self.path)

    def strict(self) -> Raw:
        """The same place, where another type is an error: for what decides who may read a message."""
        return Raw(self.value, self.path)

    def unexpected(self, wanted: str) -> PayloadUnexpected:
        """The error to raise where a reader of this module cannot say it."""
        return PayloadUnexpected(self.path, f"wanted {wanted}, found {kind_of(self.value)}")

    def _absent(self, default: T, wanted: str) -> T:
        if default is _MISSING:
            raise self.unexpected(wanted)
        return default

    def _misfit(self, default: T, wanted: str) -> T:
        """The value is there, and of another type."""
        raise self.unexpected(wanted)


class _Tolerant(Raw):
    __slots__ = ()

    def _misfit(self, default: T, wanted: str) -> T:
        return self._absent(default, wanted)


MAX_DEPTH = 64
TWICE = "an object names the same key twice"


def read_json(body: bytes) -> Raw:
    """The payload in `body`, refusing what could mean two things or hurt: duplicate keys, NaN, deep nesting, huge numbers.

    Raises PayloadUnexpected with path `$`.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PayloadUnexpected("$", "wanted JSON in UTF-8, found other bytes") from None
    try:
        return Raw(json_value(text))
    except json.JSONDecodeError as error:
        raise PayloadUnexpected("$", f"not JSON at character {error.pos}") from None


def json_value(text: str) -> Any:
    """The value in `text`, as `read_json` takes it. Raises json.JSONDecodeError, and PayloadUnexpected for what could hurt."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise PayloadUnexpected("$", f"nested deeper than {MAX_DEPTH}")
    try:
        value = _STRICT.decode(text)
    except (PayloadUnexpected, json.JSONDecodeError):
        raise
    except (ValueError, RecursionError):
        raise PayloadUnexpected("$", "not JSON") from None
    return storable(value) if "\\u" in text and _MAY_BE_UNSTORABLE.search(text) else value


def lenient_json(content: bytes) -> Any:
    """The value in an answer that was asked for, whatever it is like; storable. Raises ValueError where it is none."""
    try:
        value = json.loads(content)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return storable(value) if b"\\u" in content else value


# Text is one match, whatever is in it; text without an end runs to the end of the body. Linear: nothing is given back.
_TEXT_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


def _depth(text: str) -> int:
    """How deep brackets nest, outside of text; counted before parsing, so a hostile body costs one pass."""
    deepest = depth = 0
    for found in _TEXT_OR_BRACKET.finditer(text):
        mark = found[0][0]
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


# Half a surrogate pair cannot be stored as UTF-8, a NUL not in PostgreSQL. JSON can only write them as these escapes.
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
_MAY_BE_UNSTORABLE = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")


def storable(value: Any) -> Any:
    """The value with the replacement character where a database could not keep the text."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [storable(each) for each in value]
    if isinstance(value, dict):
        return {storable(name): storable(each) for name, each in value.items()}
    return value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise PayloadUnexpected("$", TWICE)
    return found


def _refuse_constant(word: str) -> Any:
    raise PayloadUnexpected("$", f"{word} is not JSON")


def _bounded_float(digits: str) -> float:
    if math.isinf(value := float(digits)):
        raise PayloadUnexpected("$", "a number beyond all bounds")
    return value


def _bounded_int(digits: str) -> int:
    if len(digits) > 40:
        raise PayloadUnexpected("$", "a number of more than 40 digits")
    return int(digits)


# Made once: json.loads makes such a decoder anew for each call.
_STRICT = json.JSONDecoder(
    object_pairs_hook=_once_each, parse_constant=_refuse_constant, parse_int=_bounded_int, parse_float=_bounded_float
)
