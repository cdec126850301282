"""The control API of a stand-in, under /_sandbox: what happened, faults to order, webhooks, and the verbs by name.

For scripts and for tests whose stand-in runs in another process; in process the desk's own methods say the same.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request, send_from_directory

from sandbox.deliver import Trouble
from sandbox.desk import Desk, TicketView
from sandbox.effects import as_json
from sandbox.faults import from_json

VERBS = (
    "create_ticket", "customer_reply", "agent_reply", "agent_note", "agent_update", "machine_update", "merge", "rate",
    "delete", "mark_spam",
)  # fmt: skip


def view_json(view: TicketView) -> dict[str, Any]:
    """A TicketView as JSON: sets sorted, times as ISO text."""
    plain: dict[str, Any] = asdict(view)
    return {name: _plain(value) for name, value in plain.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def add(app: Flask, desk: Desk) -> None:
    """Add the control API to `app`."""
    control = Blueprint("control", __name__, url_prefix="/_sandbox")
    _add_reading(control, desk)
    _add_orders(control, desk)
    app.register_blueprint(control)


def _add_reading(control: Blueprint, desk: Desk) -> None:
    @control.get("/static/<path:name>")
    def static(name: str) -> Response:
        return send_from_directory("static", name)

    @control.get("/effects")
    def effects() -> Response:
        found = desk.effects.effects(request.args.get("ticket"), what=request.args.get("what"))
        return jsonify([as_json(effect) for effect in found])

    @control.get("/calls")
    def calls() -> Response:
        ticket = request.args.get("ticket")
        return jsonify(
            calls=[as_json(call) for call in desk.effects.calls(ticket)],
            counts=desk.effects.counts(ticket),
            per_ticket=desk.effects.per_ticket(),
        )

    @control.get("/deliveries")
    def deliveries() -> Response:
        sent = [{"id": each.id, "topic": each.topic, "ticket": each.ticket} for each in list(desk.webhooks.sent)]
        tried = [
            {"topic": each.delivery.topic, "ticket": each.delivery.ticket, "number": each.number, "status": each.status}
            for each in list(desk.webhooks.attempts)
        ]
        return jsonify(sent=sent, attempts=tried)

    @control.get("/tickets")
    def tickets() -> Response:
        return jsonify(desk.ids())

    @control.get("/tickets/<path:ticket>")
    def ticket(ticket: str) -> tuple[Response, int]:
        try:
            return jsonify(view_json(desk.view(ticket))), 200
        except KeyError:
            return jsonify(error=f"no ticket {ticket}"), 404


def _add_orders(control: Blueprint, desk: Desk) -> None:
    @control.post("/reset")
    def reset() -> Response:
        desk.reset()
        return jsonify(ok=True)

    @control.post("/effects/reset")
    def forget() -> Response:
        desk.effects.reset()
        return jsonify(ok=True)

    @control.route("/faults", methods=["GET", "POST", "DELETE"])
    def faults() -> tuple[Response, int]:
        if request.method == "DELETE":
            desk.faults.reset()
        if request.method == "POST":
            try:
                desk.faults.add(from_json(request.get_json()))
            except (ValueError, TypeError, KeyError) as error:
                return jsonify(error=str(error)), 400
        return jsonify([asdict(fault) for fault in desk.faults.pending()]), 200

    @control.post("/webhooks")
    def webhooks() -> Response:
        order = request.get_json()
        if "target" in order:
            desk.webhooks.target = order.pop("target")
        desk.webhooks.time_scale = order.pop("time_scale", desk.webhooks.time_scale)
        desk.webhooks.trouble = Trouble(**order)
        return jsonify(ok=True)

    @control.post("/clock")
    def clock() -> Response:
        desk.date_ahead_s = float(request.get_json()["ahead_s"])
        return jsonify(ahead_s=desk.date_ahead_s)

    @control.post("/wait_idle")
    def wait_idle() -> Response:
        return jsonify(idle=desk.wait_idle(float((request.get_json(silent=True) or {}).get("timeout_s", 10))))

    @control.post("/verbs/<name>")
    def verb(name: str) -> tuple[Response, int]:
        if name not in VERBS:
            return jsonify(error=f"no verb {name}; there are {', '.join(VERBS)}"), 404
        try:
            return jsonify(result=getattr(desk, name)(**request.get_json())), 200
        except (KeyError, TypeError, ValueError) as error:
            return jsonify(error=f"{type(error).__name__}: {error}"), 400
