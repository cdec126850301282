"""Macros: list, show, and the two previews. Nothing here changes a ticket; whoever wants the result must PUT it.

https://developer.zendesk.com/api-reference/ticketing/business-rules/macros/
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request

from sandbox import core_text
from sandbox.zendesk.api_people import one
from sandbox.zendesk.api_tickets import find, shown
from sandbox.zendesk.paging import paged
from sandbox.zendesk.seed import Row, Tables
from sandbox.zendesk.verbs import ZendeskVerbs


def add(app: Flask, desk: ZendeskVerbs) -> None:
    @app.get("/api/v2/macros")
    @app.get("/api/v2/macros/active")
    def macros() -> Row:
        rows = desk.tables.macros.values()
        wanted = request.args.get("active")
        return paged("macros", [row for row in rows if wanted is None or row["active"] == (wanted == "true")])

    @app.get("/api/v2/macros/search")
    def search_macros() -> Row:
        word = request.args.get("query", "").lower()
        return paged("macros", [row for row in desk.tables.macros.values() if word in row["title"].lower()])

    @app.get("/api/v2/macros/<macro_id>")
    def macro(macro_id: str) -> Row:
        return {"macro": one(desk.tables.macros, macro_id)}

    @app.get("/api/v2/macros/<macro_id>/apply")
    def preview(macro_id: str) -> Row:
        """Only what it would change; placeholders stay, as there is no ticket."""
        changed = effect(one(desk.tables.macros, macro_id), {}, None)
        return {"result": {"ticket": changed}}

    @app.get("/api/v2/tickets/<ticket_id>/macros/<macro_id>/apply")
    def preview_on(ticket_id: str, macro_id: str) -> Row:
        """The whole ticket as it would be, with the rendered comment."""
        record = find(desk, ticket_id)
        values = placeholders(record["ticket"], desk.tables, g.by.user)
        changed = effect(one(desk.tables.macros, macro_id), record["ticket"], values)
        ticket = {**shown(record, set()), **changed}
        return {"result": {"ticket": ticket, "comment": changed.get("comment")}}


def placeholders(ticket: Row, tables: Tables, agent: Row) -> dict[str, str]:
    """What {{...}} stands for on this ticket."""
    requester = tables.users[ticket["requester_id"]]
    home = tables.organizations.get(ticket["organization_id"] or 0)
    first, _, last = requester["name"].partition(" ")
    return {
        "ticket.id": str(ticket["id"]),
        "ticket.title": ticket["subject"],
        "ticket.requester.name": requester["name"],
        "ticket.requester.first_name": first,
        "ticket.requester.last_name": last,
        "ticket.requester.email": requester["email"],
        "ticket.organization.name": home["name"] if home else "",
        "current_user.name": agent["name"],
        "current_user.first_name": agent["name"].partition(" ")[0],
    }


def effect(macro: Row, ticket: Row, values: dict[str, str] | None) -> Row:
    """The fields that the macro's actions set."""
    changed: Row = {}
    is_public = True
    for action in macro["actions"]:
        name, value = action["field"], action["value"]
        match name:
            case "comment_value" | "comment_value_html":
                text = value if values is None else core_text.filled(value, values)
                changed["comment"] = _comment(text, name.endswith("_html"))
            case "comment_mode_is_public":
                is_public = value in (True, "true")
            case "current_tags" | "set_tags" | "remove_tags":
                changed["tags"] = _tags(name, ticket.get("tags", []), value)
            case "group_id" | "assignee_id":
                changed[name] = int(value) if str(value).isdecimal() else None
            case _:
                changed[name] = value
    if "comment" in changed:
        changed["comment"]["public"] = is_public
        changed["comment"]["scoped_body"] = [["channel:all", changed["comment"]["body"]]]
    return changed


def _comment(text: str, is_html: bool) -> Row:
    return (
        {"body": core_text.to_text(text), "html_body": text} if is_html else {"body": text, "html_body": core_text.to_html(text)}
    )


def _tags(name: str, before: list[str], value: Any) -> list[str]:
    words = set(str(value).split())
    if name == "remove_tags":
        return sorted(set(before) - words)
    return sorted(words if name == "set_tags" else set(before) | words)
