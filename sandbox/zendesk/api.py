"""Zendesk's REST v2 as Flask routes: who asks, limits, headers, errors; the routes stand in api_*.py.

https://developer.zendesk.com/api-reference/
"""

from __future__ import annotations

import base64
import binascii
import uuid
from typing import Any

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from sandbox.zendesk import api_macros, api_people, api_tickets, api_writes, errors
from sandbox.zendesk.tickets import By
from sandbox.zendesk.verbs import ZendeskVerbs

_OURS = ("/_sandbox", "/ticket/")


def add(app: Flask, desk: ZendeskVerbs) -> None:
    """Add the whole API to `app`."""
    for module in (api_tickets, api_writes, api_people, api_macros):
        module.add(app, desk)

    @app.before_request
    def enter() -> Response | None:
        if not request.path.startswith("/api/"):
            return None
        email = _who(desk)
        user = desk.tables.user_by_email(email) if email else None
        if user is None or user["role"] == "end-user":
            return errors.answer(401)
        g.by = By(
            user,
            desk.clock(),
            desk.number,
            desk.tables,
            "api",
            request.headers.get("User-Agent", ""),
            may_write_as=desk.may_write_as,
            audits_name_author=desk.audits_name_author,
        )
        if desk.call is not None:
            desk.call.actor = email
        return _limited(desk, str(email))

    @app.after_request
    def sign_off(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.headers["X-Request-Id"] = str(uuid.uuid4())
            response.headers["X-Zendesk-API-Version"] = "v2"
            for name, value in g.get("limit_headers", {}).items():
                response.headers[name] = value
            if warning := g.get("warning"):
                response.headers["X-Zendesk-API-Warn"] = warning
        return response

    @app.errorhandler(errors.Refused)
    def refused(error: errors.Refused) -> Response:
        return errors.answer(error.status, details=error.details, description=error.description)

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> HTTPException | Response:
        if not request.path.startswith("/api/"):
            return error
        if error.code == 404:
            return errors.answer(404, description="Not found")
        return errors.answer(error.code or 500)


def _limited(desk: ZendeskVerbs, email: str) -> Response | None:
    arguments: dict[str, Any] = request.view_args or {}
    headers, wait = desk.limits.check(
        actor=email,
        method=request.method,
        ticket=arguments.get("ticket_id"),
        is_export=request.path.startswith("/api/v2/incremental/"),
    )
    g.limit_headers = headers
    if wait is None:
        return None
    response = errors.answer(429)
    response.headers["Retry-After"] = str(wait)
    return response


def _who(desk: ZendeskVerbs) -> str | None:
    """The e-mail address of the caller: Basic `address/token:token`, or the token as Bearer (Deskhand's user)."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return desk.world.bot.email if value == desk.token else None
    if kind.lower() != "basic":
        return None
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return name.removesuffix("/token") if name.endswith("/token") and password == desk.token else None
