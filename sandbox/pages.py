"""What an agent would see of a stand-in: the list of tickets and each ticket, with forms to write as anyone.

Plain HTML and one local style sheet. Customers' HTML is sanitised and no script runs (the policy header says so too).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request, url_for

from sandbox.core_text import sanitised
from sandbox.desk import Desk

STATUSES = ("new", "open", "pending", "on_hold", "solved", "closed")
PRIORITIES = ("none", "low", "normal", "high", "urgent")
MOST_SHOWN = 200
_POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def add(app: Flask, desk: Desk) -> None:
    """Add the pages to `app`."""
    pages = Blueprint("pages", __name__, template_folder="templates")
    _add_reading(pages, desk)
    _add_writing(pages, desk)
    app.register_blueprint(pages)


def _add_reading(pages: Blueprint, desk: Desk) -> None:
    @pages.get("/")
    def tickets() -> Response:
        ids = desk.ids()
        views = [desk.view(ticket) for ticket in reversed(ids[-MOST_SHOWN:])]
        return _page("tickets.html", desk, views=views, count=len(ids), problem=request.args.get("problem"))

    @pages.get("/ticket/<path:ticket>")
    def show(ticket: str) -> tuple[Response, int]:
        try:
            view = desk.view(ticket)
        except KeyError:
            return _page("missing.html", desk, ticket=ticket), 404
        return _page("ticket.html", desk, view=view, problem=request.args.get("problem")), 200


def _add_writing(pages: Blueprint, desk: Desk) -> None:
    @pages.post("/new")
    def create() -> Any:
        form = request.form

        def write() -> None:
            desk.create_ticket(
                requester=form["requester"], subject=form["subject"], body=form["body"], channel=form.get("channel", "email")
            )

        return redirect(url_for("pages.tickets", problem=_tried(write)), 303)

    @pages.post("/ticket/<path:ticket>")
    def write(ticket: str) -> Any:
        problem = _tried(lambda: _act(desk, ticket))
        return redirect(url_for("pages.show", ticket=ticket, problem=problem), 303)


def _act(desk: Desk, ticket: str) -> None:
    """What the form asks for, by its field `act`. Raises what the verb raises."""
    form = request.form
    agent, body = form.get("agent", desk.world.agents[0].email), form.get("body", "")
    match form["act"]:
        case "customer":
            desk.customer_reply(ticket, body, form.get("author") or None)
        case "reply":
            desk.agent_reply(ticket, body, agent)
        case "note":
            desk.agent_note(ticket, body, agent)
        case "update":
            _update(desk, ticket, agent)
        case "merge":
            desk.merge(ticket, form["into"], agent)
        case "rate":
            desk.rate(ticket, int(form["score"]), body)
        case "spam":
            desk.mark_spam(ticket)
        case "delete":
            desk.delete(ticket)
        case other:
            raise ValueError(f"{other}: no such act")


def _update(desk: Desk, ticket: str, agent: str) -> None:
    """Only what differs from the ticket is submitted."""
    form, view = request.form, desk.view(ticket)
    wanted = set(form.get("tags", "").replace(",", " ").split())
    desk.agent_update(
        ticket,
        agent=agent,
        tags_add=wanted - view.tags,
        tags_remove=view.tags - wanted,
        priority=_if_new(form.get("priority"), view.priority),
        status=_if_new(form.get("status"), view.status),
        assignee=_if_new(form.get("assignee"), view.assignee),
        team=_if_new(form.get("team"), view.team),
    )


def _if_new(wanted: str | None, present: str | None) -> str | None:
    return wanted if wanted and wanted != present else None


def _tried(act: Callable[[], None]) -> str | None:
    """What went wrong, in words for the page; the stand-in's own refusals (a closed ticket) come by many types."""
    try:
        act()
    except Exception as error:
        return f"Not done: {type(error).__name__} {getattr(error, 'details', None) or error}"[:300]
    return None


def _page(template: str, desk: Desk, **values: Any) -> Response:
    words: dict[str, Any] = {"safely": sanitised}
    words |= {"desk": desk, "world": desk.world, "statuses": STATUSES, "priorities": PRIORITIES, "ago": _ago(desk.clock())}
    response = Response(render_template(template, **words, **values), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _ago(now: datetime) -> Callable[[datetime | None], str]:
    def words(at: datetime | None) -> str:
        if at is None:
            return ""
        minutes = int((now - at.astimezone(UTC)).total_seconds() // 60)
        if minutes < 1:
            return "just now"
        return f"{minutes} min ago" if minutes < 120 else at.strftime("%d %b %H:%M")

    return words
