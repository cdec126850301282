"""Intercom's search queries: nested AND/OR of filters, evaluated on the shape that the API shows.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations/searchconversations
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.core_text import to_text

Json = dict[str, Any]
Test = Callable[[Json], bool]
_MOST_FILTERS, _MOST_LEVELS = 15, 2
_CATEGORIES = {"request": "Customer", "task": "Back-office", "tracker": "Tracker"}


class BadSearch(ValueError):
    """The vendor would answer 400 parameter_invalid; the text is its message."""


def parse(query: Any, level: int = 0) -> Test:
    """A test on a rendered conversation or ticket. Raises BadSearch."""
    if not isinstance(query, dict) or "operator" not in query:
        raise BadSearch("query not specified")
    if query["operator"] not in ("AND", "OR"):
        return _filter(query)
    inner = query.get("value")
    if not isinstance(inner, list) or not inner:
        raise BadSearch("Invalid query value")
    if len(inner) > _MOST_FILTERS:
        raise BadSearch(f"You can only have a maximum of {_MOST_FILTERS} filters in a query")
    if level >= _MOST_LEVELS:
        raise BadSearch("Query is nested too deeply")
    tests = [parse(each, level + 1) for each in inner]
    joined = all if query["operator"] == "AND" else any
    return lambda thread: joined(test(thread) for test in tests)


def _filter(query: Json) -> Test:
    field, operator, wanted = query.get("field"), query["operator"], query.get("value")
    if not isinstance(field, str) or operator not in _OPERATORS:
        raise BadSearch(f"Invalid operator or field: {field} {operator}")
    if operator in ("IN", "NIN") and not isinstance(wanted, list):
        raise BadSearch(f"{operator} needs a list")
    if operator in (">", "<", ">=", "<="):
        try:
            wanted = float(wanted) if wanted is not None else None
        except (TypeError, ValueError):
            raise BadSearch(f"{wanted} is not a valid value for {field}") from None
    compare = _OPERATORS[operator]

    def test(thread: Json) -> bool:
        held = _value(thread, field)
        return compare(held, wanted)

    return test


def _value(thread: Json, field: str) -> Any:
    """What the thread holds under a search field; a list where it may hold several."""
    if field == "tag_ids":
        return [each["id"] for each in thread.get("tags", {}).get("tags", [])]
    if field == "contact_ids":
        return [each["id"] for each in thread["contacts"]["contacts"]]
    if field == "teammate_ids":
        return [each["id"] for each in thread["teammates"]["teammates"]]
    if field == "source.body":
        return to_text(thread["source"]["body"]).casefold().split()
    if field == "ticket_type_id":
        return thread["ticket_type"]["id"]
    if field == "conversation_rating.score":
        field = "conversation_rating.rating"
    if thread["type"] == "ticket":
        if field == "state":
            return thread["ticket_state"]["category"]
        if field in ("title", "description"):
            return thread["ticket_attributes"][f"_default_{field}_"]
    if field == "category":
        return [word for word, name in _CATEGORIES.items() if name == thread.get("category")]
    held: Any = thread
    for name in (
        field.replace("custom_attribute.", "custom_attributes.").replace("ticket_attribute.", "ticket_attributes.").split(".")
    ):
        held = held.get(name) if isinstance(held, dict) else None
    return held


def _text(value: Any) -> str:
    return str(value).casefold()


def _equal(held: Any, wanted: Any) -> bool:
    if isinstance(held, list):
        return any(_equal(each, wanted) for each in held)
    if held is None or wanted is None:
        return held is None and wanted is None
    return _text(held) == _text(wanted)


def _within(held: Any, wanted: Any) -> bool:
    return any(_equal(held, each) for each in wanted)


def _more(held: Any, wanted: Any) -> bool:
    """The vendor's > and < mean at least and at most."""
    return isinstance(held, int | float) and wanted is not None and held >= wanted


def _less(held: Any, wanted: Any) -> bool:
    return isinstance(held, int | float) and wanted is not None and held <= wanted


def _contains(held: Any, wanted: Any) -> bool:
    return held is not None and _text(wanted) in _text(" ".join(held) if isinstance(held, list) else held)


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "!=": lambda held, wanted: not _equal(held, wanted),
    "IN": _within,
    "NIN": lambda held, wanted: not _within(held, wanted),
    ">": _more,
    "<": _less,
    ">=": _more,
    "<=": _less,
    "~": _contains,
    "!~": lambda held, wanted: not _contains(held, wanted),
    "^": lambda held, wanted: held is not None and _text(held).startswith(_text(wanted)),
    "$": lambda held, wanted: held is not None and _text(held).endswith(_text(wanted)),
}
