"""Intercom's tickets: read, update, reply. https://developers.intercom.com/docs/references/rest-api/api.intercom.io/tickets"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify

from sandbox.intercom import render, threads
from sandbox.intercom.calls import acting_admin, refuse, sent, speak, thread
from sandbox.intercom.verbs import IntercomVerbs
from sandbox.intercom.words import unix

Json = dict[str, Any]


def ticket_out(desk: IntercomVerbs, record: Json) -> Json:
    """As REST gives it."""
    found = render.ticket(record, desk.people)
    if desk.ticket_tags:
        found["tags"] = {"type": "tag.list", "tags": [render.tag_out(each) for each in record["tags"]]}
    return found


def add_tickets(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/tickets/<ticket_id>")
    def get_ticket(ticket_id: str) -> Response:
        return jsonify(ticket_out(desk, thread(desk, ticket_id, "ticket")))

    @api.put("/tickets/<ticket_id>")
    def update_ticket(ticket_id: str) -> Response:
        record = thread(desk, ticket_id, "ticket")
        _update(desk, record, sent(desk))
        return jsonify(ticket_out(desk, record))

    @api.post("/tickets/<ticket_id>/reply")
    def reply_ticket(ticket_id: str) -> Response:
        """Other than with conversations, the answer is the new part."""
        record = thread(desk, ticket_id, "ticket")
        return jsonify(render.ticket_part(speak(desk, record, sent(desk))))

    @api.delete("/tickets/<ticket_id>")
    def delete_ticket(ticket_id: str) -> Response:
        record = thread(desk, ticket_id, "ticket")
        desk.changed(record["id"], "delete", {"deleted": [False, True]})
        desk.acts.delete(record)
        return jsonify(id=record["id"], object="ticket", deleted=True)

    @api.get("/ticket_states")
    def states() -> Response:
        brief = {name: desk.people.ticket_type[name] for name in ("type", "id", "name", "description", "icon", "category")}
        types = {"type": "list", "data": [brief]}
        return jsonify(
            type="list", data=[{**each, "ticket_types": types, "archived": False} for each in desk.people.states.values()]
        )

    @api.get("/ticket_types")
    def types() -> Response:
        states = {"type": "list", "data": list(desk.people.states.values())}
        return jsonify(type="list", data=[{**desk.people.ticket_type, "ticket_states": states}])


def _update(desk: IntercomVerbs, record: Json, body: Json) -> None:
    """All checks first: a refused call changes nothing."""
    author = acting_admin(desk, body) if body.get("admin_id") else desk.admin(g.email)
    attributes = body.get("ticket_attributes") or {}
    known = [each["name"] for each in desk.people.ticket_type["ticket_type_attributes"]["data"]]
    for name in attributes:
        if name not in known:
            refuse(desk, 400, "parameter_invalid", f"Ticket attribute '{name}' does not exist")
    state = desk.people.states.get(str(body.get("ticket_state_id", "")))
    if "ticket_state_id" in body and state is None:
        message = "Ticket state id is not valid or is not associated with the ticket type"
        refuse(desk, 400, "ticket_state_id_invalid", message)
    assignee = str(body.get("assignee_id", ""))
    if assignee not in ("", "0") and assignee not in desk.people.admins and assignee not in desk.people.teams:
        refuse(desk, 404, "assignee_not_found", "Assignee not found")
    changes = {
        **_set_attributes(desk, record, author, attributes),
        **_set_state(desk, record, author, state),
        **_set_assignee(desk, record, author, assignee),
        **_set_plain(desk, record, author, body),
    }
    if changes:
        record["updated_at"] = unix(desk.clock())
        desk.records.save(record["id"], desk.clock())
        desk.changed(record["id"], "update", changes)


def _set_attributes(desk: IntercomVerbs, record: Json, author: Json, attributes: Json) -> Json:
    changes = {}
    for name, value in attributes.items():
        before = record["attributes"].get(name)
        if before != value:
            changes[name] = [before, value]
            desk.acts.set_attribute(record, author, name, value)
    return changes


def _set_state(desk: IntercomVerbs, record: Json, author: Json, state: Json | None) -> Json:
    before = record["ticket_state"]
    if state is None or state["id"] == before:
        return {}
    desk.acts.set_state(record, author, state)
    return {"ticket_state_id": [before, state["id"]]}


def _set_assignee(desk: IntercomVerbs, record: Json, author: Json, assignee: str) -> Json:
    """One key for both kinds of assignee; 0 takes both off."""
    if not assignee:
        return {}
    kinds = {"0": ("admin", "team")}.get(assignee) or (("team",) if assignee in desk.people.teams else ("admin",))
    changes = {}
    for kind in kinds:
        before, wanted = record[kind], None if assignee == "0" else int(assignee)
        if before != wanted:
            desk.acts.assign(record, author, kind, assignee)
            changes[f"{kind}_assignee_id"] = [before, wanted]
    return changes


def _set_plain(desk: IntercomVerbs, record: Json, author: Json, body: Json) -> Json:
    changes: Json = {}
    if isinstance(body.get("snoozed_until"), int) and body["snoozed_until"] != record["snoozed_until"]:
        changes["snoozed_until"] = [record["snoozed_until"], body["snoozed_until"]]
        desk.acts.snooze(record, author, body["snoozed_until"])
    elif "open" in body and body["open"] != (record["state"] != "closed"):
        changes["open"] = [not body["open"], body["open"]]
        if body["open"]:
            desk.acts.reopen(record, author)
        else:
            desk.acts.close(record, author)
    elif body.get("open") and record["state"] == "snoozed":
        changes["snoozed_until"] = [record["snoozed_until"], None]
        threads.opened(record)
    for name in ("is_shared", "company_id"):
        if name in body and record[name] != body[name]:
            changes[name] = [record[name], body[name]]
            record[name] = body[name]
    return changes
