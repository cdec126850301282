"""Freshdesk's REST v2 as Flask routes. https://developers.freshdesk.com/api/

Tickets, conversations and merging here; reference lists in routes_lists.py. Each call runs inside the desk's lock.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, g, jsonify, make_response, request

from sandbox.freshdesk import checks, tickets
from sandbox.freshdesk.automations import event_of
from sandbox.freshdesk.query import BadQuery, parse
from sandbox.freshdesk.routes_lists import add_lists, paged, refused
from sandbox.freshdesk.verbs import FreshdeskVerbs
from sandbox.freshdesk.words import FROM_NOTE, FROM_REPLY, OUTBOUND, moment_of, stamp

Json = dict[str, Any]
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_INCLUDES = {"conversations", "requester", "company", "stats"}
_LIST_INCLUDES = {"requester", "stats", "description", "company"}
_ORDERS = {"created_at", "due_by", "updated_at", "status"}
_INCLUDED_CONVERSATIONS = 10  # the oldest ones
_MAX_PAGES = 300


def blueprint(desk: FreshdeskVerbs) -> Blueprint:
    api = Blueprint("freshdesk", __name__, url_prefix="/api/v2")
    _add_door(api, desk)
    _add_tickets(api, desk)
    _add_writes(api, desk)
    _add_messages(api, desk)
    _add_merging(api, desk)
    add_lists(api, desk)

    @api.route("/<path:rest>", methods=_METHODS)
    def unknown(rest: str) -> Response:
        return desk.error(404)

    return api


def _add_door(api: Blueprint, desk: FreshdeskVerbs) -> None:
    """Who comes in, what it costs, and the headers of every answer."""

    @api.before_request
    def enter() -> Response | None:
        includes = [each for each in request.args.get("include", "").split(",") if each]
        listing = request.path.rstrip("/").endswith("/tickets")
        g.cost = desk.limits.cost(len(includes))
        g.wait = desk.limits.spend(g.cost, _kind(listing), desk.clock())
        if g.wait is not None:
            return desk.error(429)
        key = request.authorization.username if request.authorization else None
        if key not in desk.keys:
            return make_response(
                jsonify(code="invalid_credentials", message="You have to be logged in to perform this action."), 401
            )
        g.email = desk.keys[key]
        g.user = desk.people.agent_by_email(g.email)["id"]
        if desk.call:
            desk.call.actor = g.email
        return None

    @api.after_request
    def leave(response: Response) -> Response:
        response.headers["X-Freshdesk-API-Version"] = "latest=v2; requested=v2"
        response.headers["X-RateLimit-Total"] = str(desk.limits.total)
        response.headers["X-RateLimit-Remaining"] = str(desk.limits.remaining)
        response.headers["X-RateLimit-Used-CurrentRequest"] = str(g.get("cost", 1))
        if g.get("wait") is not None:
            response.headers["Retry-After"] = str(g.wait)
        return response


def _kind(listing: bool) -> str:
    if listing and request.method == "GET":
        return "list"
    writes = request.method in ("POST", "PUT") and "/tickets" in request.path
    return "update" if writes and not request.path.endswith(("/notes", "/reply")) else "other"


def _body() -> Json:
    """The JSON object that was sent; 415 and 400 in the vendor's words otherwise."""
    if not request.is_json:
        message = f"Content-Type header is set to {request.mimetype or 'none'}. It should be set to application/json"
        abort(make_response(jsonify(code="invalid_content_type", message=message), 415))
    try:
        found = json.loads(request.get_data())
    except ValueError:
        found = None
    if not isinstance(found, dict):
        abort(make_response(jsonify(code="invalid_json", message="Request body has invalid json format"), 400))
    return found


def _not_allowed(*methods: str) -> NoReturn:
    message = f"{request.method} method is not allowed. It should be one of these method(s): {', '.join(methods)}"
    response = make_response(jsonify(message=message), 405)
    response.headers["Allow"] = ", ".join(methods)
    abort(response)


def _found(desk: FreshdeskVerbs, ticket_id: str) -> Json:
    record = desk.records.get(ticket_id)
    if record is None:
        abort(desk.error(404))
    return record


def _writable(desk: FreshdeskVerbs, ticket_id: str) -> Json:
    """The record, unless it is spam or in the trash: a ticket there takes no write."""
    record = _found(desk, ticket_id)
    if record["ticket"]["spam"] or record["ticket"]["deleted"]:
        _not_allowed("GET", "DELETE")
    return record


def _added(desk: FreshdeskVerbs, record: Json, includes: set[str]) -> Json:
    """The ticket with what `include` asked for."""
    ticket = record["ticket"]
    more: Json = {}
    if "requester" in includes:
        contact = desk.people.contacts.get(ticket["requester_id"])
        more["requester"] = {name: contact[name] for name in ("id", "name", "email", "mobile", "phone")} if contact else None
    if "company" in includes:
        company = desk.people.companies.get(ticket["company_id"])
        more["company"] = {"id": company["id"], "name": company["name"]} if company else {}
    if "stats" in includes:
        more["stats"] = record["stats"]
    if "conversations" in includes:
        more["conversations"] = record["conversations"][:_INCLUDED_CONVERSATIONS]
    # `deleted` shows only where it is true.
    return {name: value for name, value in ticket.items() if name != "deleted" or value} | more


def _includes(known: set[str]) -> set[str]:
    asked = {each for each in request.args.get("include", "").split(",") if each}
    if asked - known:
        choices = ",".join(sorted(known))
        refused(checks.failure("include", f"It should be one of these values: '{choices}'", "invalid_value"))
    return asked


def _add_tickets(api: Blueprint, desk: FreshdeskVerbs) -> None:
    @api.get("/tickets")
    def list_tickets() -> Response:
        includes = _includes(_LIST_INCLUDES)
        found = [_added(desk, record, includes - {"description"}) for record in _listed(desk)]
        if "description" not in includes:
            found = [{name: value for name, value in each.items() if not name.startswith("description")} for each in found]
        return paged(found, most_pages=_MAX_PAGES)

    @api.get("/tickets/<ticket_id>")
    def get_ticket(ticket_id: str) -> Response:
        return jsonify(_added(desk, _found(desk, ticket_id), _includes(_INCLUDES)))

    @api.get("/tickets/<ticket_id>/conversations")
    def conversations(ticket_id: str) -> Response:
        return paged(_found(desk, ticket_id)["conversations"])

    @api.get("/tickets/<ticket_id>/satisfaction_ratings")
    def ratings(ticket_id: str) -> Response:
        return paged(_found(desk, ticket_id)["ratings"])

    @api.get("/surveys/satisfaction_ratings")
    def all_ratings() -> Response:
        since = request.args.get("created_since", "")
        found = [rating for record in desk.records.all() for rating in record["ratings"] if rating["created_at"] >= since]
        return paged(found)

    @api.get("/search/tickets")
    def search() -> Response:
        try:
            test = parse(request.args.get("query", ""))
        except BadQuery as error:
            refused(checks.failure(str(error), "Unexpected/invalid field in request", "invalid_field"))
        hidden = ("spam", "deleted")
        found = [each["ticket"] for each in desk.records.all() if not any(each["ticket"][flag] for flag in hidden)]
        hits = [ticket for ticket in found if test(ticket)]
        page = request.args.get("page", 1, type=int)
        if not 1 <= page <= 10:
            refused(checks.failure("page", "It should be a Positive Integer less than or equal to 10", "invalid_value"))
        return jsonify(total=len(hits), results=hits[(page - 1) * 30 : page * 30])


def _listed(desk: FreshdeskVerbs) -> list[Json]:
    """Records as GET /tickets filters and orders them."""
    args = request.args
    wanted = args.get("filter")
    records = [each for each in desk.records.all() if _kept(each["ticket"], wanted)]
    try:
        since = moment_of(args["updated_since"]) if "updated_since" in args else None
    except ValueError:
        wrong = "It should be in the 'combined date and time ISO8601' format"
        refused(checks.failure("updated_since", wrong, "invalid_value"))
    if since is not None:
        records = [each for each in records if moment_of(each["ticket"]["updated_at"]) >= since]
    else:
        oldest = stamp(desk.clock() - timedelta(days=30))
        records = [each for each in records if each["ticket"]["created_at"] >= oldest]
    for name in ("requester_id", "company_id"):
        if name in args:
            records = [each for each in records if str(each["ticket"][name]) == args[name]]
    if "email" in args:
        contact = desk.people.contact_by_email(args["email"])
        records = [each for each in records if contact and each["ticket"]["requester_id"] == contact["id"]]
    order = args.get("order_by", "created_at")
    if order not in _ORDERS:
        refused(checks.failure("order_by", f"It should be one of these values: '{','.join(sorted(_ORDERS))}'", "invalid_value"))
    descending = args.get("order_type", "desc") == "desc"
    return sorted(records, key=lambda each: (each["ticket"][order], each["ticket"]["id"]), reverse=descending)


def _kept(ticket: Json, wanted: str | None) -> bool:
    if wanted in ("spam", "deleted"):
        return bool(ticket[wanted])
    return not ticket["spam"] and not ticket["deleted"]


def _add_writes(api: Blueprint, desk: FreshdeskVerbs) -> None:
    @api.post("/tickets")
    def create() -> tuple[Response, int]:
        body = _body()
        wrong = checks.ticket_fields(body, desk.people)
        if not body.get("email") and not body.get("requester_id"):
            wrong.append(checks.failure("requester_id", "Please fill at least 1 of requester_id, email fields", "missing_field"))
        wrong += [
            checks.failure(name, "It should be a/an String", "missing_field")
            for name in ("subject", "description")
            if name not in body
        ]
        refused(*wrong)
        if "email" in body:
            body["requester_id"] = desk.contact(body["email"])["id"]
        contact = desk.people.contacts[body["requester_id"]]
        record = desk.add_ticket({"company_id": contact["company_id"], **body})
        desk.changed(str(record["ticket"]["id"]), "create", {"subject": [None, record["ticket"]["subject"]]})
        desk.fire(record, "{ticket_action:created}", "agent", g.email)
        return jsonify(_added(desk, record, set())), 201

    @api.put("/tickets/<ticket_id>")
    def update(ticket_id: str) -> Response:
        record, body = _writable(desk, ticket_id), _body()
        wrong = checks.ticket_fields(body, desk.people)
        wrong += checks.closing(body, record["ticket"], desk.people) if not wrong else []
        if record["ticket"]["source"] == OUTBOUND:
            names = {"subject", "description"} & set(body)
            wrong += [checks.failure(name, "It cannot be changed for outbound emails", "invalid_field") for name in names]
        refused(*wrong)
        if changes := tickets.update(record, body, desk.clock()):
            desk.changed(ticket_id, "update", changes)
            desk.settle(record, event_of(changes), "agent", g.email)
        return jsonify(_added(desk, record, set()))

    @api.delete("/tickets/<ticket_id>")
    def delete(ticket_id: str) -> Response:
        record = _found(desk, ticket_id)
        record["ticket"].update(deleted=True, updated_at=stamp(desk.clock()))
        desk.changed(ticket_id, "delete", {"deleted": [False, True]})
        desk.settle(record, "{ticket_action:delete}", "agent", g.email)
        return make_response("", 204)

    @api.put("/tickets/<ticket_id>/restore")
    def restore(ticket_id: str) -> Response:
        record = _found(desk, ticket_id)
        record["ticket"].update(deleted=False, updated_at=stamp(desk.clock()))
        desk.changed(ticket_id, "update", {"deleted": [True, False]})
        desk.settle(record, "{ticket_action:update}", "agent", g.email)
        return make_response("", 204)


def _add_messages(api: Blueprint, desk: FreshdeskVerbs) -> None:
    @api.post("/tickets/<ticket_id>/notes")
    def note(ticket_id: str) -> tuple[Response, int]:
        record, body = _writable(desk, ticket_id), _body()
        refused(*checks.note(body, desk.people))
        private = body.get("private", True)
        added = desk.say(
            record, body["body"], body.get("user_id", g.user), private=private, incoming=body.get("incoming", False), note=True
        )  # fmt: skip
        desk.spoken(added["id"])
        desk.changed(ticket_id, "note", {"note": [None, added["body"]]})
        desk.settle(record, "{note_type:private}" if private else "{note_type:public}", "agent", g.email)
        return jsonify(added), 201

    @api.post("/tickets/<ticket_id>/reply")
    def reply(ticket_id: str) -> tuple[Response, int]:
        record, body = _writable(desk, ticket_id), _body()
        refused(*checks.reply(body, desk.people))
        added = desk.say(record, body["body"], body.get("user_id", g.user), private=False, incoming=False, note=False)
        added.update({name: body[name] for name in ("cc_emails", "bcc_emails", "from_email") if name in body})
        tickets.copied_in(record, added["cc_emails"])
        desk.spoken(added["id"])
        desk.changed(ticket_id, "reply", {"reply": [None, added["body"]]})
        # Performed by whom the reply names, so a rule that leaves out the caller's user fires all the same.
        desk.settle(record, "{reply_sent:sent}", "agent", desk.people.name_of(added["user_id"])[1])
        return jsonify(added), 201

    @api.route("/conversations/<number>", methods=["PUT", "DELETE"])
    def conversation(number: str) -> Response:
        for record in desk.records.all():
            for said in record["conversations"]:
                if str(said["id"]) == number:
                    return _changed_note(desk, record, said)
        return desk.error(404)


def _changed_note(desk: FreshdeskVerbs, record: Json, said: Json) -> Response:
    """Notes can be edited; replies were sent and cannot."""
    ticket_id, before = str(record["ticket"]["id"]), said["body"]
    if desk.call:
        desk.call.ticket = ticket_id
    if request.method == "DELETE":
        record["conversations"].remove(said)
        desk.changed(ticket_id, "delete", {"note" if said["source"] == FROM_NOTE else "reply": [before, None]})
        desk.settle(record, "{ticket_action:update}", "agent", g.email)
        return make_response("", 204)
    if said["source"] == FROM_REPLY:
        _not_allowed("DELETE")
    body = _body()
    refused(*checks.note(body, desk.people))
    now = stamp(desk.clock())
    said.update(tickets.edited(body["body"]), last_edited_at=now, last_edited_user_id=g.user, updated_at=now)
    record["ticket"]["updated_at"] = now
    desk.changed(ticket_id, "note", {"note": [before, said["body"]]})
    desk.settle(record, "{ticket_action:update}", "agent", g.email)
    return jsonify(said)


def _add_merging(api: Blueprint, desk: FreshdeskVerbs) -> None:
    @api.put("/tickets/merge")
    def merge() -> Response:
        body = _body()
        refused(*checks.merging(body))
        primary = desk.records.get(str(body["primary_id"]))
        secondaries = [desk.records.get(str(number)) for number in body["ticket_ids"]]
        gone = [each for each in (primary, *secondaries) if each is None or each["ticket"]["spam"] or each["ticket"]["deleted"]]
        if primary is None or gone or primary in secondaries:
            refused(checks.failure("ticket_ids", "There are no tickets matching the given ids", "invalid_value"))
        if any(each and (each["merged_into"] or each["merge_primary"]) for each in secondaries):
            refused(checks.failure("ticket_ids", "It should not contain tickets that are already merged", "invalid_value"))
        notes = (body.get("note_in_primary") or {}, body.get("note_in_secondary") or {})
        # The misspelling is the vendor's key.
        cc = bool(body.get("convert_recepients_to_cc", False))
        desk.merge_records(primary, [each for each in secondaries if each], g.email, notes, cc)
        return make_response("", 204)
