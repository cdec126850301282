"""Intercom's REST API as Flask routes: the door, conversations, tags on threads.

Tickets are in routes_tickets.py, searches in routes_search.py, reference lists in routes_lists.py; what they all read from
a call is in calls.py.
Each call runs inside the desk's lock.
https://developers.intercom.com/docs/references/rest-api/api.intercom.io
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from sandbox.core_text import to_html
from sandbox.intercom import render
from sandbox.intercom.attributes import check_attributes
from sandbox.intercom.calls import acting_admin, contact_in, needs, refuse, sent, speak, thread
from sandbox.intercom.routes_lists import add_lists
from sandbox.intercom.routes_search import add_search
from sandbox.intercom.routes_tickets import add_tickets
from sandbox.intercom.verbs import IntercomVerbs
from sandbox.intercom.words import PRIORITIES, VERSIONS, unix

Json = dict[str, Any]


def blueprint(desk: IntercomVerbs) -> Blueprint:
    api = Blueprint("intercom", __name__)
    _add_door(api, desk)
    _add_conversations(api, desk)
    _add_talking(api, desk)
    _add_managing(api, desk)
    _add_merging(api, desk)
    _add_tags(api, desk, "conversation")
    _add_tags(api, desk, "ticket")
    add_search(api, desk)
    add_tickets(api, desk)
    add_lists(api, desk)
    return api


def unknown_paths(app: Flask, desk: IntercomVerbs) -> None:
    """The vendor's words for paths that are not there; the stand-in's own pages keep theirs."""

    def missing(error: HTTPException) -> Response | HTTPException:
        ours = request.path == "/" or request.path.startswith(("/_sandbox", "/ticket/"))
        return error if ours else desk.error(404)

    app.register_error_handler(404, missing)
    app.register_error_handler(405, missing)


def shown(desk: IntercomVerbs, record: Json) -> Response:
    """The whole conversation, as most writes answer."""
    plaintext = request.args.get("display_as") == "plaintext"
    return jsonify(render.conversation(record, desk.people, g.version, plaintext=plaintext))


def _add_door(api: Blueprint, desk: IntercomVerbs) -> None:
    """Who comes in, by which version, and the headers of every answer."""

    @api.before_request
    def enter() -> Response | None:
        g.version = request.headers.get("Intercom-Version", desk.version)
        if not desk.limits.spend(desk.clock()):
            return desk.error(429)
        header = request.headers.get("Authorization", "")
        email = desk.tokens.get(header.removeprefix("Bearer ")) if header.startswith("Bearer ") else None
        if email is None:
            return desk.refusal(401, "unauthorized", "Access Token Invalid")
        if g.version not in VERSIONS:
            return desk.refusal(400, "intercom_version_invalid", "The requested version could not be found")
        g.email = email
        if desk.call:
            desk.call.actor = email
        return None

    @api.after_request
    def leave(response: Response) -> Response:
        response.headers.update(desk.limits.headers)
        response.headers["Intercom-Version"] = g.version
        return response


def _add_conversations(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.post("/conversations")
    def create() -> Response:
        body = sent(desk)
        number = (body.get("from") or {}).get("id")
        if number not in desk.people.contacts:
            refuse(desk, 404, "not_found", "User Not Found")
        author = desk.people.author("user", number)
        record = desk.new_thread(
            author, [number], str(body.get("subject", "")), to_html(str(body.get("body", ""))), "conversation"
        )
        desk.changed(record["id"], "create", {"source": [None, record["source"]["body"]]})
        desk.announce(record, author)
        return jsonify(
            type="user_message", id=record["source"]["id"], created_at=record["created_at"], body=body.get("body", ""),
            message_type="inapp", conversation_id=record["id"],
        )  # fmt: skip

    @api.get("/conversations/<ticket_id>")
    def get_conversation(ticket_id: str) -> Response:
        return shown(desk, thread(desk, ticket_id))

    @api.put("/conversations/<ticket_id>")
    def update(ticket_id: str) -> Response:
        record = thread(desk, ticket_id)
        _update(desk, record, sent(desk))
        return shown(desk, record)

    @api.delete("/conversations/<ticket_id>")
    def delete(ticket_id: str) -> Response:
        record = thread(desk, ticket_id)
        desk.changed(record["id"], "delete", {"deleted": [False, True]})
        desk.acts.delete(record)
        return jsonify(id=record["id"], object="conversation", deleted=True)


def _update(desk: IntercomVerbs, record: Json, body: Json) -> None:
    """What a PUT may set. Keys that the version does not know are ignored, `priority` before Preview among them."""
    attributes = body.get("custom_attributes") or {}
    check_attributes(desk, attributes)
    changes: Json = {}
    author = desk.admin(g.email)
    if g.version == "Preview" and "priority" in body:
        if body["priority"] not in PRIORITIES:
            refuse(desk, 400, "parameter_invalid", f"priority must be one of: {', '.join(PRIORITIES)}")
        author = acting_admin(desk, body) if body.get("admin_id") else author
        if body["priority"] != record["priority"]:
            changes["priority"] = [record["priority"], body["priority"]]
    if "company_id" in body and body["company_id"] not in desk.people.companies:
        refuse(desk, 404, "company_not_found", "Company Not Found")
    for name in ("read", "title", "company_id"):
        if name in body and record[name] != body[name]:
            changes[name] = [record[name], body[name]]
            record[name] = body[name]
    for name, value in attributes.items():
        if record["attributes"].get(name) != value:
            changes[name] = [record["attributes"].get(name), value]
            desk.acts.set_attribute(record, author, name, value)
    if "priority" in changes:
        desk.acts.set_priority(record, author, body["priority"])
    if changes:
        record["updated_at"] = unix(desk.clock())
        desk.records.save(record["id"], desk.clock())
        desk.changed(record["id"], "update", changes)


def _add_talking(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.post("/conversations/<ticket_id>/reply")
    def reply(ticket_id: str) -> Response:
        record = thread(desk, ticket_id)
        speak(desk, record, sent(desk))
        return shown(desk, record)

    @api.post("/conversations/<ticket_id>/customers")
    def attach_contact(ticket_id: str) -> Response:
        record, body = thread(desk, ticket_id), sent(desk)
        acting_admin(desk, body)
        customer = body.get("customer") or {}
        number = desk.contact(customer["email"])["id"] if customer.get("email") else contact_in(desk, customer)
        if number not in record["contacts"]:
            before = list(record["contacts"])
            record["contacts"].append(number)
            desk.records.save(record["id"], desk.clock())
            desk.changed(record["id"], "update", {"contacts": [before, list(record["contacts"])]})
        return shown(desk, record)


def _add_managing(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.post("/conversations/<ticket_id>/parts")
    def manage(ticket_id: str) -> Response:
        record, body = thread(desk, ticket_id), sent(desk)
        author, before = acting_admin(desk, body), record["state"]
        match body.get("message_type"):
            case "close":
                desk.acts.close(record, author, body.get("body"))
            case "open":
                desk.acts.reopen(record, author)
            case "snoozed":
                until = body.get("snoozed_until")
                if not isinstance(until, int):
                    refuse(desk, 400, "parameter_not_found", "snoozed_until not specified")
                desk.acts.snooze(record, author, until)
            case "assignment":
                _assign(desk, record, author, body)
            case _:
                refuse(desk, 400, "parameter_invalid", "message_type is invalid")
        if record["state"] != before:
            desk.changed(record["id"], "update", {"state": [before, record["state"]]})
        return shown(desk, record)


def _assign(desk: IntercomVerbs, record: Json, author: Json, body: Json) -> None:
    kind, assignee = body.get("type"), str(body.get("assignee_id", ""))
    if kind not in ("admin", "team"):
        refuse(desk, 400, "parameter_invalid", "type is invalid")
    if not assignee:
        refuse(desk, 400, "parameter_not_found", "assignee_id not specified")
    known = desk.people.admins if kind == "admin" else desk.people.teams
    if assignee != "0" and assignee not in known:
        refuse(desk, 404, "assignee_not_found", "Assignee not found")
    field = "admin_assignee_id" if kind == "admin" else "team_assignee_id"
    before = record["admin" if kind == "admin" else "team"]
    desk.acts.assign(record, author, kind, assignee, body.get("body"))
    desk.changed(record["id"], "update", {field: [before, record["admin" if kind == "admin" else "team"]]})


def _add_merging(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.post("/conversations/<ticket_id>/merge")
    def merge(ticket_id: str) -> Response:
        needs(desk, "2.16")
        record, number = thread(desk, ticket_id), sent(desk).get("merge_into_conversation_id")
        if not str(number).isdigit():
            message = "merge_into_conversation_id must be a valid integer conversation ID"
            refuse(desk, 400, "parameter_invalid", message)
        primary = desk.records.get(str(number))
        if primary is None or primary["is_deleted"]:
            refuse(desk, 422, "merge_failed", "Primary conversation not found")
        if primary is record:
            refuse(desk, 422, "merge_failed", "Cannot merge a conversation into itself")
        if record["merged_into"]:
            refuse(desk, 422, "merge_failed", "Secondary conversation has already been merged")
        desk.acts.merge(record, primary, desk.admin(g.email))
        desk.changed(record["id"], "merge", {"merged_into": [None, primary["id"]]})
        return shown(desk, primary)

    @api.get("/conversations/deleted")
    def deleted() -> Response:
        needs(desk, "2.16")
        gone = [each for each in desk.records.all() if each["is_deleted"] and each["kind"] == "conversation"]
        listed = [
            {"type": "conversation", "id": each["id"], "metrics_retained": True, "deleted_at": each["updated_at"]}
            for each in gone
        ]
        pages = {"type": "pages", "next": None, "page": 1, "per_page": len(listed) or 20, "total_pages": 1}
        return jsonify(type="conversations.list", total_count=len(listed), pages=pages, conversations=listed[::-1])


def _add_tags(api: Blueprint, desk: IntercomVerbs, kind: str) -> None:
    """Tags go on and off one by one, by their ids, and a DELETE carries a body."""

    def attach(ticket_id: str) -> Response:
        record, body = thread(desk, ticket_id, kind), sent(desk)
        author = acting_admin(desk, body)
        tag = desk.people.tags.get(str(body.get("id", "")))
        if tag is None:
            refuse(desk, 404, "tag_not_found", "Tag not found")
        if desk.acts.tag(record, author, tag):
            desk.changed(record["id"], "tags", {"tags": [None, tag["name"]]})
        return jsonify(render.tag_out(next(each for each in record["tags"] if each["id"] == tag["id"])))

    def detach(ticket_id: str, tag_id: str) -> Response:
        record = thread(desk, ticket_id, kind)
        acting_admin(desk, sent(desk))
        found = desk.acts.untag(record, tag_id)
        if found is None:
            refuse(desk, 404, "tag_not_found", "Tag not found")
        desk.changed(record["id"], "tags", {"tags": [found["name"], None]})
        return jsonify(render.tag_out(found))

    api.add_url_rule(f"/{kind}s/<ticket_id>/tags", f"attach_{kind}", attach, methods=["POST"])
    api.add_url_rule(f"/{kind}s/<ticket_id>/tags/<tag_id>", f"detach_{kind}", detach, methods=["DELETE"])
