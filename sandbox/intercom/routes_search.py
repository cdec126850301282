"""Intercom's lists and searches of conversations and tickets, in pages with a cursor."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from sandbox.intercom import render
from sandbox.intercom.calls import refuse, sent
from sandbox.intercom.routes_tickets import ticket_out
from sandbox.intercom.search import BadSearch, parse
from sandbox.intercom.verbs import IntercomVerbs

Json = dict[str, Any]
_MOST_PER_PAGE = 150


def add_search(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/conversations")
    def conversations() -> Response:
        found = [each for each in desk.records.all() if each["kind"] == "conversation" and not each["is_deleted"]]
        ordered = sorted(found, key=lambda each: each["updated_at"], reverse=True)
        listed = [render.conversation(each, desk.people, g.version, parts=False) for each in ordered]
        paging = {name: request.args[name] for name in ("per_page", "starting_after") if name in request.args}
        return _paged(desk, "conversation", listed, paging)

    @api.post("/conversations/search")
    def search_conversations() -> Response:
        threads = [each for each in desk.records.all() if each["kind"] == "conversation" and not each["is_deleted"]]
        return _searched(
            desk, "conversation", [render.conversation(each, desk.people, g.version, parts=False) for each in threads]
        )

    @api.post("/tickets/search")
    def search_tickets() -> Response:
        threads = [each for each in desk.records.all() if each["kind"] == "ticket" and not each["is_deleted"]]
        return _searched(desk, "ticket", [ticket_out(desk, each) for each in threads])


def _searched(desk: IntercomVerbs, kind: str, threads: list[Json]) -> Response:
    body = sent(desk)
    try:
        test = parse(body.get("query"))
    except BadSearch as error:
        refuse(desk, 400, "parameter_invalid", str(error))
    sort = body.get("sort") or {}
    order = sort.get("order", "descending")
    if order not in ("ascending", "descending"):
        refuse(desk, 400, "invalid_sort_order", f"Invalid sort order '{order}'. Must be one of: ascending, descending")
    field = sort.get("field", "updated_at")
    found = [each for each in threads if test(each)]
    found.sort(key=lambda each: (each.get(field) or 0, each["id"]), reverse=order == "descending")
    return _paged(desk, kind, found, body.get("pagination") or {})


def _paged(desk: IntercomVerbs, kind: str, found: list[Json], pagination: Json) -> Response:
    """One page by cursor; `starting_after` is only there while there is more."""
    try:
        per_page, start = int(pagination.get("per_page") or 20), _start(found, pagination.get("starting_after"))
    except (TypeError, ValueError):
        refuse(desk, 400, "parameter_invalid", "pagination is invalid")
    if not 1 <= per_page <= _MOST_PER_PAGE:
        refuse(desk, 400, "parameter_invalid", f"per_page must be between 1 and {_MOST_PER_PAGE}")
    page = found[start : start + per_page]
    pages: Json = {
        "type": "pages", "page": start // per_page + 1, "per_page": per_page, "total_pages": -(-len(found) // per_page),
    }  # fmt: skip
    if start + per_page < len(found):
        # The cursor names the last one given out and its place in the order.
        pages["next"] = {"page": pages["page"] + 1, "starting_after": json.dumps([start + per_page, page[-1]["id"]])}
    return jsonify({"type": f"{kind}.list", "pages": pages, "total_count": len(found), f"{kind}s": page})


def _start(found: list[Json], cursor: Any) -> int:
    """The place after the thread that the cursor names, even if others moved meanwhile. Raises ValueError, TypeError."""
    if not cursor:
        return 0
    place, number = json.loads(str(cursor))
    return next((at + 1 for at, each in enumerate(found) if each["id"] == number), int(place))
