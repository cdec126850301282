"""Writing tickets: update (one conditional PUT), many, tags, create, merge, delete.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from flask import Flask, Response, g, jsonify, request

from sandbox.zendesk import tickets
from sandbox.zendesk.api_tickets import find, shown
from sandbox.zendesk.errors import Refused, invalid
from sandbox.zendesk.seed import Row
from sandbox.zendesk.tickets import WRITABLE, By, tag_list
from sandbox.zendesk.verbs import ZendeskVerbs

_MOST_JOBS = 30


def body() -> Row:
    """The JSON object of the request. Raises Refused."""
    parsed = request.get_json(silent=True)
    if not isinstance(parsed, dict):
        raise Refused(400, description="The request body is not a JSON object")
    return parsed


def allowed(wish: Any, *more: str) -> Row:
    """What may be written; the rest is dropped, and only a header tells (additional_tags and remove_tags included:
    they are documented with update_many only)."""
    if not isinstance(wish, dict):
        raise Refused(400, description="You passed an invalid value for the ticket attribute. Invalid parameter.")
    dropped = [name for name in wish if name not in WRITABLE and name not in more]
    if dropped:
        g.warning = f"Removed restricted keys {json.dumps(dropped)} from parameters according to whitelist"
    return {name: value for name, value in wish.items() if name not in dropped}


def check_stamp(ticket: Row, wish: Row) -> None:
    """409 where the ticket has changed since `updated_stamp`; whole seconds, so a change within one goes unseen."""
    if str(wish.get("safe_update", "")).lower() != "true":
        return
    try:
        seen = datetime.fromisoformat(str(wish.get("updated_stamp")))
    except ValueError as error:
        raise Refused(400, description="safe_update needs an updated_stamp in ISO 8601") from error
    if seen.tzinfo is None or seen.replace(microsecond=0) != datetime.fromisoformat(ticket["updated_at"]):
        raise Refused(409)


def add(app: Flask, desk: ZendeskVerbs) -> None:
    @app.put("/api/v2/tickets/<ticket_id>")
    def update(ticket_id: str) -> Row:
        record, wish = find(desk, ticket_id), allowed(body().get("ticket"))
        check_stamp(record["ticket"], wish)
        audit = _write(desk, record, wish, "update")
        return {"ticket": shown(record, set()), "audit": audit}

    @app.put("/api/v2/tickets/update_many")
    def update_many() -> Row:
        return {"job_status": _update_many(desk)}

    @app.post("/api/v2/tickets")
    def create() -> tuple[Row, int]:
        return _create(desk), 201

    @app.delete("/api/v2/tickets/<ticket_id>")
    def delete(ticket_id: str) -> tuple[str, int]:
        find(desk, ticket_id)
        desk.delete(ticket_id)
        desk.changed(ticket_id, "delete", {})
        return "", 204

    @app.route("/api/v2/tickets/<ticket_id>/tags", methods=["POST", "PUT", "DELETE"])
    def write_tags(ticket_id: str) -> tuple[Row, int]:
        """POST sets, PUT adds, DELETE removes."""
        record, wish = find(desk, ticket_id), body()
        check_stamp(record["ticket"], wish)
        before, given = set(record["ticket"]["tags"]), set(tag_list(wish.get("tags", [])))
        after = {"POST": given, "PUT": before | given, "DELETE": before - given}[request.method]
        _write(desk, record, {"tags": sorted(after)}, "tags")
        return {"tags": record["ticket"]["tags"]}, 201 if request.method == "POST" else 200

    @app.put("/api/v2/tickets/<ticket_id>/comments/<comment_id>/make_private")
    def make_private(ticket_id: str, comment_id: str) -> Response:
        _make_private(desk, ticket_id, comment_id)
        return jsonify(None)

    @app.post("/api/v2/tickets/<ticket_id>/merge")
    def merge(ticket_id: str) -> Row:
        return {"job_status": _merge(desk, ticket_id, body())}

    @app.get("/api/v2/job_statuses/<job_id>")
    def job_status(job_id: str) -> Row:
        if job_id not in desk.jobs:
            raise Refused(404)
        return {"job_status": desk.jobs[job_id]}


def _make_private(desk: ZendeskVerbs, ticket_id: str, comment_id: str) -> None:
    record = find(desk, ticket_id)
    comment = next((row for row in record["comments"] if str(row["id"]) == comment_id), None)
    if comment is None:
        raise Refused(404)
    comment["public"] = False
    desk.records.save(ticket_id, desk.clock())
    desk.changed(ticket_id, "comment_made_private", {"comment": [None, comment_id]})


def _merge(desk: ZendeskVerbs, ticket_id: str, wish: Row) -> Row:
    find(desk, ticket_id)
    sources = [str(each) for each in wish.get("ids", [])]
    if not sources or ticket_id in sources:
        raise invalid("ids", "Ids: no ticket to merge")
    for each in sources:
        if find(desk, each)["ticket"]["status"] == "closed":
            raise invalid("status", "Status: closed prevents ticket update")
    desk.merge_into(ticket_id, sources, g.by, {name: value for name, value in wish.items() if name != "ids"})
    desk.changed(ticket_id, "merge", {"merged": [None, sources]})
    return _job(desk, [{"id": int(ticket_id), "action": "merge", "status": "Merged", "success": True}])


def _write(desk: ZendeskVerbs, record: Row, wish: Row, what: str) -> Row:
    by: By = g.by
    key = str(record["ticket"]["id"])
    audit = desk.apply(record, wish, by)
    desk.records.save(key, desk.clock())
    for event in audit["events"]:
        if event["type"] == "Comment":
            desk.spoken(event["id"])
    if audit["events"]:
        desk.changed(key, what, _changes(audit))
    return audit


def _changes(audit: Row) -> Row:
    """The audit in the effect log's words."""
    found: Row = {}
    for event in audit["events"]:
        if event["type"] == "Comment":
            found["reply" if event["public"] else "note"] = [None, event["html_body"]]
        else:
            found[event["field_name"]] = [event.get("previous_value"), event["value"]]
    return found


def _create(desk: ZendeskVerbs) -> Row:
    wish, by = allowed(body().get("ticket"), "requester"), g.by
    if not wish.get("comment"):
        raise invalid("base", "Description: cannot be blank")
    person = by.user
    if isinstance(wish.get("requester"), dict):
        person = desk.user(str(wish.pop("requester").get("email")))
    elif wish.get("requester_id"):
        person = desk.tables.users.get(int(wish["requester_id"]), by.user)
    wish.setdefault("subject", "")
    key = desk.open(wish, by, person, tickets.via("api"))
    record = desk.record(key)
    desk.changed(key, "create", _changes(record["audits"][0]))
    return {"ticket": shown(record, set()), "audit": record["audits"][0]}


def _update_many(desk: ZendeskVerbs) -> Row:
    """Both forms; a ticket's own failure shows in the results only."""
    given = body()
    if "ids" in request.args:
        orders = [{**given.get("ticket", {}), "id": each} for each in request.args["ids"].split(",")]
    else:
        orders = given.get("tickets", [])
    if len(orders) > 100:
        raise Refused(400, description="Too many tickets: at most 100 in one request")
    return _job(desk, [_one_of_many(desk, place, order) for place, order in enumerate(orders)])


def _one_of_many(desk: ZendeskVerbs, place: int, order: Row) -> Row:
    said = {"index": place, "id": int(order["id"]), "action": "update"}
    try:
        record, wish = find(desk, str(order["id"])), allowed(order, "additional_tags", "remove_tags")
        check_stamp(record["ticket"], wish)
        if "additional_tags" in wish or "remove_tags" in wish:
            more, less = tag_list(wish.pop("additional_tags", [])), tag_list(wish.pop("remove_tags", []))
            wish["tags"] = sorted(({*record["ticket"]["tags"]} | {*more}) - {*less})
        _write(desk, record, wish, "update")
    except Refused as error:
        return {**said, "success": False, "status": "Failed", "error": {404: "TicketNotFound"}.get(error.status, "TicketUpdate")}
    return {**said, "success": True, "status": "Updated"}


def _job(desk: ZendeskVerbs, results: list[Row]) -> Row:
    """The work is done already, but the first answer says queued, as a real one would; asking again tells the end."""
    identity = uuid.uuid4().hex
    job = {
        "id": f"V3-{identity}", "url": f"{request.host_url}api/v2/job_statuses/V3-{identity}.json", "total": len(results),
        "progress": len(results), "status": "completed", "message": "Completed", "results": results, "job_type": "Bulk Update",
    }  # fmt: skip
    desk.jobs[str(job["id"])] = job
    return {**job, "progress": None, "status": "queued", "message": None, "results": None}
