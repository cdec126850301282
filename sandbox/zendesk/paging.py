"""Zendesk's two ways of paging: by cursor (`page[size]`) and by page number.

https://developer.zendesk.com/api-reference/introduction/pagination/
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request

from sandbox.zendesk.errors import Refused

_MOST = 100
_MOST_PAGES = 100


def paged(name: str, rows: Sequence[Any]) -> dict[str, Any]:
    """One page of `rows` under `name`, in the way that the query asks for."""
    if "page[size]" in request.args or "page[after]" in request.args:
        return _by_cursor(name, rows)
    return _by_number(name, rows)


def cursor(value: object) -> str:
    return base64.urlsafe_b64encode(str(value).encode()).decode()


def from_cursor(text: str) -> str:
    """Raises Refused."""
    try:
        return base64.urlsafe_b64decode(text.encode()).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused(400, description="page[after] is not valid") from error


def _by_cursor(name: str, rows: Sequence[Any]) -> dict[str, Any]:
    size = _number("page[size]", _MOST, _MOST)
    start = int(from_cursor(request.args["page[after]"])) if "page[after]" in request.args else 0
    page, more = rows[start : start + size], start + size < len(rows)
    after = cursor(start + size)
    return {
        name: list(page),
        "meta": {"has_more": more, "after_cursor": after if page else None, "before_cursor": cursor(start) if page else None},
        "links": {"prev": None, "next": _link(**{"page[after]": after, "page[size]": size}) if more else None},
    }


def _by_number(name: str, rows: Sequence[Any]) -> dict[str, Any]:
    size, page = _number("per_page", _MOST, _MOST), _number("page", 1, 10**9)
    if page > _MOST_PAGES:
        raise Refused(400, description="Number of pages exceeds the limit of 100 pages")
    part, more = rows[(page - 1) * size : page * size], page * size < len(rows)
    return {
        name: list(part),
        "next_page": _link(page=page + 1, per_page=size) if more else None,
        "previous_page": _link(page=page - 1, per_page=size) if page > 1 else None,
        "count": len(rows),
    }


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise Refused(400, description=f"{name} must be a number over 0")
    return min(int(text), most)


def _link(**changed: Any) -> str:
    return f"{request.base_url}.json?{urlencode({**request.args.to_dict(), **changed})}"
