"""What the routes of conversations and of tickets read alike from a call: its JSON, its thread, who acts, what is said."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask import abort, g, request

from sandbox.intercom.verbs import IntercomVerbs
from sandbox.intercom.words import is_at_least

Json = dict[str, Any]


def refuse(desk: IntercomVerbs, status: int, code: str, message: str) -> NoReturn:
    abort(desk.refusal(status, code, message))


def needs(desk: IntercomVerbs, version: str) -> None:
    """Refuse a resource that is newer than the version asked for."""
    if not is_at_least(g.version, version):
        message = "Requested resource is not available in current API version."
        refuse(desk, 400, "intercom_version_invalid", message)


def sent(desk: IntercomVerbs) -> Json:
    """The JSON object that was sent."""
    try:
        found = json.loads(request.get_data() or b"{}")
    except ValueError:
        found = None
    if not isinstance(found, dict):
        refuse(desk, 400, "bad_request", "bad request")
    return found


def thread(desk: IntercomVerbs, ticket_id: str, kind: str = "conversation") -> Json:
    """The conversation or ticket; `last` is the newest conversation."""
    if ticket_id == "last" and kind == "conversation":
        found = [each for each in desk.records.all() if each["kind"] == kind and not each["is_deleted"]]
        record = found[-1] if found else None
    else:
        record = desk.records.get(ticket_id)
    if record is None or record["kind"] != kind or record["is_deleted"]:
        if kind == "ticket":
            refuse(desk, 404, "ticket_not_found", "Ticket not found")
        refuse(desk, 404, "not_found", "Resource Not Found")
    return record


def acting_admin(desk: IntercomVerbs, body: Json) -> Json:
    """The teammate that `admin_id` names; it is mandatory wherever a teammate acts."""
    number = body.get("admin_id")
    if number in (None, ""):
        refuse(desk, 400, "parameter_not_found", "admin_id not specified")
    if str(number) not in desk.people.admins:
        refuse(desk, 404, "admin_not_found", "Admin for admin_id not found")
    return desk.people.author("admin", str(number))


def speak(desk: IntercomVerbs, record: Json, body: Json) -> Json:
    """A reply or note by a teammate or contact; the part."""
    text = body.get("body")
    message_type = body.get("message_type")
    if message_type not in ("comment", "note", "quick_reply"):
        refuse(desk, 400, "parameter_invalid", "message_type is invalid")
    if body.get("type") == "user":
        number = contact_in(desk, body)
        if not isinstance(text, str) or not text:
            refuse(desk, 400, "parameter_not_found", "body not specified")
        desk.changed(record["id"], "comment", {"comment": [None, text]})
        return desk.acts.contact_comment(record, desk.people.author("user", number), text)
    if body.get("type") != "admin":
        refuse(desk, 400, "parameter_invalid", "type is invalid")
    author = acting_admin(desk, body)
    if message_type != "quick_reply" and (not isinstance(text, str) or not text.strip()) and not body.get("attachment_urls"):
        refuse(desk, 400, "parameter_not_found", "body not specified")
    if message_type == "note":
        part = desk.acts.note(record, author, text or "")
        desk.changed(record["id"], "note", {"note": [None, part["body"]]})
    else:
        part = desk.acts.comment(record, author, text or "", message_type)
        desk.changed(record["id"], "reply", {"reply": [None, part["body"]]})
    desk.spoken(part["id"])
    return part


def contact_in(desk: IntercomVerbs, body: Json) -> str:
    for number, contact in desk.people.contacts.items():
        known = (("intercom_user_id", number), ("user_id", contact["external_id"]), ("email", contact["email"]))
        if any(body.get(name) == value for name, value in known):
            return number
    refuse(desk, 404, "not_found", "User Not Found")
