"""Users, organizations, groups and memberships, ticket fields, the webhook's secret.

https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from flask import Flask, g, request

from sandbox.zendesk.errors import Refused
from sandbox.zendesk.paging import paged
from sandbox.zendesk.seed import Row
from sandbox.zendesk.verbs import ZendeskVerbs


def one(rows: dict[int, Row], identity: str) -> Row:
    """Raises Refused: 404, or 400 for what is no number."""
    if not identity.isdecimal():
        raise Refused(400)
    if int(identity) not in rows:
        raise Refused(404)
    return rows[int(identity)]


def _many(rows: dict[int, Row]) -> list[Row]:
    ids = {each.strip() for each in request.args.get("ids", "").split(",")}
    return [row for identity, row in rows.items() if str(identity) in ids]


def add(app: Flask, desk: ZendeskVerbs) -> None:
    _add_users(app, desk)
    _add_homes(app, desk)
    _add_groups(app, desk)
    _add_settings(app, desk)


def _add_users(app: Flask, desk: ZendeskVerbs) -> None:
    @app.get("/api/v2/users")
    def users() -> Row:
        roles = {*request.args.getlist("role"), *request.args.getlist("role[]")}
        return paged("users", [row for row in desk.tables.users.values() if not roles or row["role"] in roles])

    @app.get("/api/v2/users/me")
    def me() -> Row:
        return {"user": {**g.by.user, "authenticity_token": "sandbox"}}

    @app.get("/api/v2/users/show_many")
    def show_many_users() -> Row:
        return paged("users", _many(desk.tables.users))

    @app.get("/api/v2/users/search")
    def search_users() -> Row:
        word = request.args.get("query", "").removeprefix("email:").strip('"').lower()
        rows = desk.tables.users.values()
        return paged("users", [row for row in rows if word and word in f"{row['email']} {row['name']}".lower()])

    @app.get("/api/v2/users/<user_id>")
    def user(user_id: str) -> Row:
        return {"user": one(desk.tables.users, user_id)}

    @app.get("/api/v2/users/<user_id>/tickets/requested")
    def requested(user_id: str) -> Row:
        owner = one(desk.tables.users, user_id)["id"]
        rows = [record["ticket"] for record in desk.records.all() if record["ticket"]["requester_id"] == owner]
        return paged("tickets", [row for row in rows if row["status"] != "deleted"])


def _add_homes(app: Flask, desk: ZendeskVerbs) -> None:
    @app.get("/api/v2/organizations")
    def organizations() -> Row:
        return paged("organizations", list(desk.tables.organizations.values()))

    @app.get("/api/v2/organizations/show_many")
    def show_many_homes() -> Row:
        return paged("organizations", _many(desk.tables.organizations))

    @app.get("/api/v2/organizations/<organization_id>")
    def organization(organization_id: str) -> Row:
        return {"organization": one(desk.tables.organizations, organization_id)}

    @app.get("/api/v2/organizations/<organization_id>/tickets")
    def home_tickets(organization_id: str) -> Row:
        home = one(desk.tables.organizations, organization_id)["id"]
        return paged("tickets", [each["ticket"] for each in desk.records.all() if each["ticket"]["organization_id"] == home])


def _add_groups(app: Flask, desk: ZendeskVerbs) -> None:
    @app.get("/api/v2/groups")
    @app.get("/api/v2/groups/assignable")
    def groups() -> Row:
        return paged("groups", list(desk.tables.groups.values()))

    @app.get("/api/v2/groups/<group_id>")
    def show_group(group_id: str) -> Row:
        return {"group": one(desk.tables.groups, group_id)}

    @app.get("/api/v2/groups/<group_id>/users")
    def group_users(group_id: str) -> Row:
        home = one(desk.tables.groups, group_id)["id"]
        return paged("users", [row for row in desk.tables.users.values() if home in desk.tables.groups_of(row["id"])])

    @app.get("/api/v2/group_memberships")
    @app.get("/api/v2/group_memberships/assignable")
    def memberships() -> Row:
        return paged("group_memberships", desk.tables.memberships)


def _add_settings(app: Flask, desk: ZendeskVerbs) -> None:
    @app.get("/api/v2/ticket_fields")
    def fields() -> Row:
        return paged("ticket_fields", list(desk.tables.fields.values()))

    @app.get("/api/v2/ticket_fields/<field_id>")
    def show_field(field_id: str) -> Row:
        return {"ticket_field": one(desk.tables.fields, field_id)}

    @app.get("/api/v2/webhooks/<webhook_id>/signing_secret")
    def secret(webhook_id: str) -> Row:
        return {"signing_secret": {"secret": desk.secret, "algorithm": "SHA256"}}

    @app.get("/api/v2/satisfaction_ratings")
    def ratings() -> Row:
        rated = [each["ticket"] for each in desk.records.all() if each["ticket"]["satisfaction_rating"].get("id")]
        rows = [{**row["satisfaction_rating"], "ticket_id": row["id"], "requester_id": row["requester_id"]} for row in rated]
        return paged("satisfaction_ratings", rows)
