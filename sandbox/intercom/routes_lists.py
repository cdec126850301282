"""Intercom's reference lists: teammates, teams, contacts, companies, tags, macros, attributes."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from sandbox.intercom.calls import needs, refuse, sent
from sandbox.intercom.people import APP, company_out
from sandbox.intercom.search import BadSearch, parse
from sandbox.intercom.verbs import IntercomVerbs
from sandbox.intercom.words import is_at_least

Json = dict[str, Any]
_UNRENDERED_FROM = 30  # pages of so many macros come without bodies


def add_lists(api: Blueprint, desk: IntercomVerbs) -> None:
    _add_team(api, desk)
    _add_contacts(api, desk)
    _add_companies(api, desk)
    _add_tags(api, desk)
    _add_macros(api, desk)
    _add_attributes(api, desk)


def _listed(data: list[Json]) -> Response:
    pages = {"type": "pages", "next": None, "page": 1, "per_page": max(50, len(data)), "total_pages": 1}
    return jsonify(type="list", data=data, pages=pages, total_count=len(data))


def _add_team(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/me")
    def me() -> Response:
        admin = desk.people.admin_by_email(g.email)
        app = {
            "type": "app", "id_code": APP, "name": "Sandbox", "created_at": 1767603600, "secure": False,
            "identity_verification": False, "timezone": "Europe/London", "region": "US",
        }  # fmt: skip
        known = {name: admin[name] for name in ("type", "id", "email", "name")}
        return jsonify({**known, "email_verified": True, "app": app, "avatar": None, "has_inbox_seat": True})

    @api.get("/admins")
    def admins() -> Response:
        return jsonify(type="admin.list", admins=list(desk.people.admins.values()))

    @api.get("/admins/<number>")
    def admin(number: str) -> Response:
        if number not in desk.people.admins:
            refuse(desk, 404, "admin_not_found", "Admin not found")
        return jsonify(desk.people.admins[number])

    @api.get("/teams")
    def teams() -> Response:
        return jsonify(type="team.list", teams=list(desk.people.teams.values()))

    @api.get("/teams/<number>")
    def team(number: str) -> Response:
        if number not in desk.people.teams:
            refuse(desk, 404, "team_not_found", "Team not found")
        return jsonify(desk.people.teams[number])


def _add_contacts(api: Blueprint, desk: IntercomVerbs) -> None:
    def found(number: str) -> Json:
        if number not in desk.people.contacts:
            refuse(desk, 404, "not_found", "User Not Found")
        return desk.people.contacts[number]

    @api.get("/contacts")
    def contacts() -> Response:
        return _listed(list(desk.people.contacts.values()))

    @api.post("/contacts/search")
    def search() -> Response:
        try:
            test = parse(sent(desk).get("query"))
        except BadSearch as error:
            refuse(desk, 400, "parameter_invalid", str(error))
        return _listed([each for each in desk.people.contacts.values() if test(each)])

    @api.get("/contacts/<number>")
    def contact(number: str) -> Response:
        return jsonify(found(number))

    @api.get("/contacts/<number>/companies")
    def companies_of_contact(number: str) -> Response:
        linked = found(number)["companies"]["data"]
        return _listed([company_out(desk.people.companies[each["id"]]) for each in linked])


def _add_companies(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/companies")
    def companies() -> Response:
        return _listed([company_out(each) for each in desk.people.companies.values()])

    @api.get("/companies/<number>")
    def company(number: str) -> Response:
        if number not in desk.people.companies:
            refuse(desk, 404, "company_not_found", "Company Not Found")
        return jsonify(company_out(desk.people.companies[number]))


def _add_tags(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/tags")
    def tags() -> Response:
        return jsonify(type="list", data=list(desk.people.tags.values()))

    @api.post("/tags")
    def make_tag() -> Response:
        """Creates the tag, or returns the one that has this name."""
        name = sent(desk).get("name")
        if not isinstance(name, str) or not name.strip():
            refuse(desk, 400, "parameter_invalid", "invalid tag parameters")
        known = len(desk.people.tags)
        tag = desk.people.tag_named(name.strip())
        if len(desk.people.tags) > known:
            desk.changed(None, "create", {"tag": [None, tag["name"]]})
        return jsonify(tag)


def _add_macros(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/macros")
    def macros() -> Response:
        needs(desk, "2.16")
        per_page = request.args.get("per_page", 50, type=int)
        if not 1 <= per_page <= 150:
            refuse(desk, 400, "parameter_invalid", "per_page must be between 1 and 150")
        since = request.args.get("updated_since", "0")
        if not since.isdigit():
            refuse(desk, 400, "parameter_invalid", "Invalid updated_since timestamp")
        known = [each for each in desk.people.macros.values() if _changed_at(each) >= int(since)]
        ordered = sorted(known, key=_cursor, reverse=True)
        if "starting_after" in request.args:
            after = _after(desk, request.args["starting_after"])
            ordered = [each for each in ordered if _cursor(each) < after]
        page = ordered[:per_page]
        more = len(ordered) > per_page
        cursor = base64.b64encode(json.dumps(_cursor(page[-1])).encode()).decode() if more else ""
        if len(page) >= _UNRENDERED_FROM:
            page = [{**each, "body": None, "body_text": None} for each in page]
        pages = {"type": "pages", "per_page": per_page, "next": {"starting_after": cursor} if more else None}
        return jsonify(type="list", data=page, pages=pages)

    @api.get("/macros/<number>")
    def macro(number: str) -> Response:
        needs(desk, "2.16")
        if number not in desk.people.macros:
            refuse(desk, 404, "not_found", "Macro not found")
        return jsonify(desk.people.macros[number])


def _changed_at(macro: Json) -> float:
    return datetime.fromisoformat(macro["updated_at"]).timestamp()


def _cursor(macro: Json) -> tuple[float, str]:
    """What a page's cursor holds, base64-encoded: the last macro's time and id."""
    return _changed_at(macro), macro["id"]


def _after(desk: IntercomVerbs, text: str) -> tuple[float, str]:
    try:
        moment, number = json.loads(base64.b64decode(text, validate=True))
        return float(moment), str(number)
    except (ValueError, TypeError, binascii.Error):
        refuse(desk, 400, "parameter_invalid", "Invalid starting_after")


def _add_attributes(api: Blueprint, desk: IntercomVerbs) -> None:
    @api.get("/conversations/attributes")
    def conversation_attributes() -> Response:
        needs(desk, "2.16")
        return jsonify(type="list", data=desk.people.attributes)

    @api.get("/data_attributes")
    def data_attributes() -> Response:
        model = request.args.get("model", "")
        if model == "conversation" and is_at_least(g.version, "2.16"):
            message = "model=conversation is no longer supported. Use GET /conversations/attributes instead"
            refuse(desk, 422, "parameter_invalid", message)
        types = {
            "contact": {"job_title": "string"},
            "company": dict.fromkeys(("tier", "renewal_at", "csm"), "string") | dict.fromkeys(("arr", "mrr"), "integer"),
            "conversation": {each["name"]: each["data_type"] for each in desk.people.attributes},
        }
        found = types.get(model, types["contact"] | types["company"])
        return jsonify(type="list", data=[_attribute(model, name, kind) for name, kind in found.items()])


def _attribute(model: str, name: str, kind: str) -> Json:
    return {
        "type": "data_attribute", "name": name, "full_name": f"custom_attributes.{name}", "label": name,
        "data_type": kind, "api_writable": True, "ui_writable": False,
        "messenger_writable": False, "custom": True, "archived": False, "model": model or "contact",
    }  # fmt: skip
