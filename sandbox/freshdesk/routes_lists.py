"""Freshdesk's reference lists: people, companies, groups, canned responses, fields, scenarios, with the vendor's paging."""

from __future__ import annotations

from typing import Any, NoReturn, overload
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, jsonify, make_response, request

from sandbox.freshdesk import checks
from sandbox.freshdesk.verbs import FreshdeskVerbs

Json = dict[str, Any]
_MOST = 100


@overload
def refused(first: Json, /) -> NoReturn: ...
@overload
def refused(*wrong: Json) -> None: ...
def refused(*wrong: Json) -> None:
    """Answer 400 with these errors; nothing if there are none."""
    if wrong:
        abort(make_response(jsonify(description="Validation failed", errors=list(wrong)), 400))


def paged(items: list[Json], most_pages: int | None = None) -> Response:
    """The page that was asked for; the header `Link` names the next one, and is absent at the end."""
    page, per_page = _positive("page", 1), _positive("per_page", 30)
    if per_page > _MOST:
        message = f"It should be a Positive Integer less than or equal to {_MOST}"
        refused(checks.failure("per_page", message, "invalid_value"))
    if most_pages is not None and page > most_pages:
        message = f"You cannot access tickets beyond the {most_pages}th page. Please provide a smaller page number."
        refused(checks.failure("page", message, "invalid_value"))
    response = jsonify(items[(page - 1) * per_page : page * per_page])
    if page * per_page < len(items):
        query = urlencode({**request.args.to_dict(), "page": page + 1})
        response.headers["Link"] = f'<{request.base_url}?{query}>; rel="next"'
    return response


def _positive(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdigit() or int(text) < 1:
        refused(checks.failure(name, "It should be a Positive Integer", "invalid_value"))
    return int(text)


def add_lists(api: Blueprint, desk: FreshdeskVerbs) -> None:
    _add_people(api, desk)
    _add_prepared(api, desk)


def _one(desk: FreshdeskVerbs, found: dict[int, Json], number: str) -> Response:
    if not number.isdigit() or int(number) not in found:
        return desk.error(404)
    return jsonify(found[int(number)])


def _add_people(api: Blueprint, desk: FreshdeskVerbs) -> None:
    @api.get("/agents")
    def agents() -> Response:
        email = request.args.get("email", "").lower()
        return paged([each for each in desk.people.agents.values() if not email or each["contact"]["email"] == email])

    @api.get("/agents/me")
    def me() -> Response:
        return jsonify(desk.people.agents[g.user])

    @api.get("/agents/<number>")
    def agent(number: str) -> Response:
        return _one(desk, desk.people.agents, number)

    @api.get("/groups")
    def groups() -> Response:
        return paged(_values(desk.people.groups))

    @api.get("/groups/<number>")
    def group(number: str) -> Response:
        return _one(desk, desk.people.groups, number)

    @api.get("/contacts")
    def contacts() -> Response:
        email = request.args.get("email", "").lower()
        return paged([each for each in desk.people.contacts.values() if not email or each["email"] == email])

    @api.get("/contacts/<number>")
    def contact(number: str) -> Response:
        return _one(desk, desk.people.contacts, number)

    @api.get("/companies")
    def companies() -> Response:
        return paged(_values(desk.people.companies))

    @api.get("/companies/<number>")
    def company(number: str) -> Response:
        return _one(desk, desk.people.companies, number)


def _add_prepared(api: Blueprint, desk: FreshdeskVerbs) -> None:
    @api.get("/canned_response_folders")
    def folders() -> Response:
        return paged(_values(desk.people.folders))

    @api.get("/canned_response_folders/<number>")
    def folder(number: str) -> Response:
        if not number.isdigit() or int(number) not in desk.people.folders:
            return desk.error(404)
        inside = [{name: each[name] for name in ("id", "title")} for each in _in_folder(desk, number)]
        return jsonify({**desk.people.folders[int(number)], "canned_responses": inside})

    @api.get("/canned_response_folders/<number>/responses")
    def responses(number: str) -> Response:
        if not number.isdigit() or int(number) not in desk.people.folders:
            return desk.error(404)
        return paged(_in_folder(desk, number))

    @api.get("/canned_responses/<number>")
    def response(number: str) -> Response:
        return _one(desk, desk.people.responses, number)

    @api.get("/scenario_automations")
    def scenarios() -> Response:
        return paged(_values(desk.people.scenarios))

    @api.get("/scenario_automations/<number>")
    def scenario(number: str) -> Response:
        return _one(desk, desk.people.scenarios, number)

    @api.get("/ticket_fields")
    def fields() -> Response:
        return jsonify(desk.people.fields)


def _values(found: dict[int, Json]) -> list[Json]:
    return list(found.values())


def _in_folder(desk: FreshdeskVerbs, number: str) -> list[Json]:
    return [each for each in desk.people.responses.values() if each["folder_id"] == int(number)]
