"""Freshdesk's ticket search: `"priority:3 AND (tag:'vip' OR updated_at:>'2026-01-01')"`, 30 results a page, ten pages.

https://developers.freshdesk.com/api/#filter_tickets
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Test = Callable[[Json], bool]
_TOKEN = re.compile(r"\s*(\(|\)|AND\b|OR\b|[a-z_]+:(?:[<>])?\s*(?:'[^']*'|[^\s()]+))")
_FIELDS = {"agent_id": "responder_id", "tag": "tags"}
_KNOWN = {"agent_id", "group_id", "priority", "status", "tag", "type", "due_by", "fr_due_by", "created_at", "updated_at"}


class BadQuery(ValueError):
    """The vendor would answer 400."""


def parse(text: str) -> Test:
    """A test on a ticket. Raises BadQuery."""
    if len(text) > 512 or not (len(text) > 1 and text.startswith('"') and text.endswith('"')):
        raise BadQuery("query")
    tokens, rest = [], text[1:-1].strip()
    while rest:
        found = _TOKEN.match(rest)
        if found is None:
            raise BadQuery("query")
        tokens.append(found.group(1))
        rest = rest[found.end() :].strip()
    test = _any(tokens)
    if tokens:
        raise BadQuery("query")
    return test


def _any(tokens: list[str]) -> Test:
    tests = [_all(tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        tests.append(_all(tokens))
    return lambda ticket: any(test(ticket) for test in tests)


def _all(tokens: list[str]) -> Test:
    tests = [_one(tokens)]
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        tests.append(_one(tokens))
    return lambda ticket: all(test(ticket) for test in tests)


def _one(tokens: list[str]) -> Test:
    if not tokens:
        raise BadQuery("query")
    term = tokens.pop(0)
    if term == "(":
        test = _any(tokens)
        if not tokens or tokens.pop(0) != ")":
            raise BadQuery("query")
        return test
    name, separator, value = term.partition(":")
    if not separator or not (name in _KNOWN or name.startswith("cf_")):
        raise BadQuery(name)
    return _comparison(name, value)


def _comparison(name: str, value: str) -> Test:
    """`:>` and `:<` mean at least and at most."""
    operator = value[0] if value[:1] in "<>" else "="
    wanted = value.lstrip("<>").strip().strip("'")

    def test(ticket: Json) -> bool:
        held = ticket["custom_fields"].get(name) if name.startswith("cf_") else ticket.get(_FIELDS.get(name, name))
        if isinstance(held, list):
            return wanted.casefold() in (each.casefold() for each in held)
        if held is None or wanted == "null":
            return held is None and wanted == "null"
        held_text = str(held)
        if operator == "=":
            return held_text.casefold() == wanted.casefold()
        if isinstance(held, int):
            return held >= int(wanted) if operator == ">" else held <= int(wanted)
        short = held_text[: len(wanted)]  # a date compares with the date of a time
        return short >= wanted if operator == ">" else short <= wanted

    return test
