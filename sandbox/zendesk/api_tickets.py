"""Reading tickets: one, many, comments, audits, tags, the export, search; with side-loads.

https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Flask, request

from sandbox.zendesk.errors import Refused, invalid
from sandbox.zendesk.paging import cursor, from_cursor, paged
from sandbox.zendesk.seed import Row
from sandbox.zendesk.tickets import STATUSES
from sandbox.zendesk.verbs import ZendeskVerbs

_MOST_FOUND = 1000


def includes() -> set[str]:
    """The side-loads asked for."""
    return {word.strip() for word in request.args.get("include", "").split(",") if word.strip()}


def find(desk: ZendeskVerbs, ticket_id: str, *, deleted_too: bool = False) -> Row:
    """The record. Raises Refused with 404 for an unknown or deleted one, 400 for what is no number."""
    if not ticket_id.isdecimal():
        raise Refused(400)
    record = desk.records.get(str(int(ticket_id)))
    if record is None or (record["ticket"]["status"] == "deleted" and not deleted_too):
        raise Refused(404)
    return record


def side_loaded(desk: ZendeskVerbs, records: Iterable[Row], wanted: set[str]) -> Row:
    """The top-level lists that stand beside one or many tickets."""
    records, found = list(records), Row()
    tickets = [record["ticket"] for record in records]
    if "users" in wanted:
        people = ("requester_id", "submitter_id", "assignee_id")
        ids = {ticket[name] for ticket in tickets for name in people} | {
            each for ticket in tickets for each in ticket["collaborator_ids"]
        }
        found["users"] = _rows(desk.tables.users, ids)
    if "groups" in wanted:
        found["groups"] = _rows(desk.tables.groups, {ticket["group_id"] for ticket in tickets})
    if "organizations" in wanted:
        found["organizations"] = _rows(desk.tables.organizations, {ticket["organization_id"] for ticket in tickets})
    if "last_audits" in wanted:
        found["last_audits"] = [record["audits"][-1] for record in records]
    if "metric_sets" in wanted:
        found["metric_sets"] = [_metrics(record) for record in records]
    return found


def _rows(rows: dict[int, Row], ids: set[int | None]) -> list[Row]:
    return [row for identity, row in rows.items() if identity in ids]


def shown(record: Row, wanted: set[str]) -> Row:
    """The ticket as the API shows it, with the side-loads that stand inside it."""
    ticket: Row = {name: value for name, value in record["ticket"].items() if name != "generated_timestamp"}
    if "comment_count" in wanted:
        ticket["comment_count"] = len(record["comments"])
    if "dates" in wanted:
        ticket["dates"] = _dates(record)
    if "slas" in wanted:
        ticket["slas"] = {"policy_metrics": []}
    return ticket


def _dates(record: Row) -> Row:
    names = (
        "assignee_updated_at", "requester_updated_at", "status_updated_at", "initially_assigned_at", "assigned_at", "solved_at",
        "latest_comment_added_at",
    )  # fmt: skip
    return {name: record["clock"].get(name) for name in names}


def _metrics(record: Row) -> Row:
    clock, ticket = record["clock"], record["ticket"]
    return {
        "id": ticket["id"] + 8647000000000, "ticket_id": ticket["id"], "created_at": ticket["created_at"],
        "updated_at": ticket["updated_at"], "group_stations": 1, "assignee_stations": 1, "reopens": clock["reopens"],
        "replies": clock["replies"], **_dates(record),
    }  # fmt: skip


def add(app: Flask, desk: ZendeskVerbs) -> None:
    @app.get("/api/v2/tickets")
    def tickets() -> Row:
        records = [record for record in desk.records.all() if record["ticket"]["status"] != "deleted"]
        return {**paged("tickets", [shown(record, includes()) for record in records]), **side_loaded(desk, records, includes())}

    @app.get("/api/v2/tickets/show_many")
    def show_many() -> Row:
        ids = request.args.get("ids", "").split(",")
        found = [record for each in ids if (record := desk.records.get(each.strip()))]
        records = [record for record in found if record["ticket"]["status"] != "deleted"]
        return {**paged("tickets", [shown(record, includes()) for record in records]), **side_loaded(desk, records, includes())}

    @app.get("/api/v2/tickets/<ticket_id>")
    def ticket(ticket_id: str) -> Row:
        record, wanted = find(desk, ticket_id), includes()
        return {"ticket": shown(record, wanted), **side_loaded(desk, [record], wanted)}

    @app.get("/api/v2/incremental/tickets/cursor")
    def export() -> Row:
        return _export(desk)

    @app.get("/api/v2/search")
    def search() -> Row:
        return _search(desk)

    _add_parts(app, desk)


def _add_parts(app: Flask, desk: ZendeskVerbs) -> None:
    """What belongs to one ticket."""

    @app.get("/api/v2/tickets/<ticket_id>/comments")
    def comments(ticket_id: str) -> Row:
        return _listed(desk, ticket_id, "comments")

    @app.get("/api/v2/tickets/<ticket_id>/comments/count")
    def comment_count(ticket_id: str) -> Row:
        return {"count": {"value": len(find(desk, ticket_id)["comments"]), "refreshed_at": None}}

    @app.get("/api/v2/tickets/<ticket_id>/audits")
    def audits(ticket_id: str) -> Row:
        return _listed(desk, ticket_id, "audits")

    @app.get("/api/v2/tickets/<ticket_id>/audits/<audit_id>")
    def audit(ticket_id: str, audit_id: str) -> Row:
        rows = [row for row in find(desk, ticket_id)["audits"] if str(row["id"]) == audit_id]
        if not rows:
            raise Refused(404)
        return {"audit": rows[0]}

    @app.get("/api/v2/tickets/<ticket_id>/tags")
    def tags(ticket_id: str) -> Row:
        return {"tags": find(desk, ticket_id)["ticket"]["tags"]}

    @app.get("/api/v2/tickets/<ticket_id>/metrics")
    def metrics(ticket_id: str) -> Row:
        return {"ticket_metric": _metrics(find(desk, ticket_id))}


def _listed(desk: ZendeskVerbs, ticket_id: str, name: str) -> Row:
    rows = list(find(desk, ticket_id)[name])
    if request.args.get("sort_order") == "desc" or request.args.get("sort") == "-created_at":
        rows.reverse()
    answer = paged(name, rows)
    if "users" in includes():
        answer["users"] = _rows(desk.tables.users, {row["author_id"] for row in answer[name]})
    return answer


def _export(desk: ZendeskVerbs) -> Row:
    """By generated_timestamp, which system changes bump too; deleted tickets are in it. A cursor holds (time, id)."""
    if "cursor" in request.args:
        moment, _, last = from_cursor(request.args["cursor"]).partition("|")
        if not (moment.isdecimal() and last.isdecimal()):
            raise Refused(400, description="cursor is not valid")
        after = (int(moment), int(last))
    else:
        start = request.args.get("start_time", "")
        if not start.isdecimal():
            raise Refused(400, description="start_time must be a unix time")
        if int(start) > desk.clock().timestamp() - 60:
            raise invalid("start_time", "Too recent start_time. Use a start_time older than 60 seconds")
        after = (int(start), -1)
    keyed = sorted(((record["ticket"]["generated_timestamp"], record["ticket"]["id"]), record) for record in _plain(desk))
    size = min(int(request.args.get("per_page", 1000)), 1000)
    fresh = [(key, record) for key, record in keyed if key > after]
    page = [record for _, record in fresh[:size]]
    last_key = fresh[:size][-1][0] if page else after
    token = cursor(f"{last_key[0]}|{max(last_key[1], 0)}")
    rows = [{**shown(record, includes()), "generated_timestamp": record["ticket"]["generated_timestamp"]} for record in page]
    return {
        "tickets": rows,
        "after_url": f"{request.base_url}.json?cursor={token}",
        "after_cursor": token,
        "before_url": None,
        "before_cursor": None,
        "end_of_stream": len(fresh) <= size,
        **side_loaded(desk, page, includes()),
    }


class _Sortable(dict[str, Any]):
    """A record in a tuple that is sorted: the key before it is unique, so two are never compared."""

    def __lt__(self, other: object) -> bool:
        return False


def _plain(desk: ZendeskVerbs) -> list[_Sortable]:
    return [_Sortable(record) for record in desk.records.all()]


def _search(desk: ZendeskVerbs) -> Row:
    """`type:ticket` with status, tags, requester and words; over a thousand results end in 422, as over there."""
    terms = re.findall(r'(?:(\w+)([:<>]))?("[^"]*"|\S+)', request.args.get("query", ""))
    found = [
        record["ticket"]
        for record in desk.records.all()
        if record["ticket"]["status"] != "deleted"
        and all(_matches(desk, record, name, sign, word.strip('"').lower()) for name, sign, word in terms)
    ]
    if int(request.args.get("page", 1)) * int(request.args.get("per_page", 100)) > _MOST_FOUND:
        raise Refused(422, description="Invalid search: Requested response size was greater than Search Response Limits")
    rows = [{**ticket, "result_type": "ticket"} for ticket in found]
    return {**paged("results", rows), "facets": None}


def _matches(desk: ZendeskVerbs, record: Row, name: str, sign: str, word: str) -> bool:
    ticket = record["ticket"]
    match name:
        case "type":
            return word == "ticket"
        case "status" if sign == "<":
            return STATUSES.index(ticket["status"]) < STATUSES.index(word)
        case "status" | "priority":
            return bool(ticket[name] == word)
        case "tags":
            return word in ticket["tags"]
        case "requester":
            return bool(desk.tables.users[ticket["requester_id"]]["email"] == word)
        case "updated" | "created":
            return str(ticket[f"{name}_at"]).lower() > word if sign == ">" else str(ticket[f"{name}_at"]).lower() < word
        case _:
            return word in f"{ticket['subject']} {ticket['description']}".lower()
