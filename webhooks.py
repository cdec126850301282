"""The way in: one route for every helpdesk account. Verify over the raw bytes, parse, store durably, wake, answer.

Nothing slow happens here and nothing is decided. `python -m webhooks` serves it with gunicorn (`deskhand serve`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.helpdesk import Account, Adapter
from adapters.ticket import Event, EventType, Provider
from bot.config import Config, ConfigInvalid, ServerSettings, load
from bot.flow import checkpoints
from bot.flow.inbox import Inbox, InboxUnavailable
from bot.flow.parts import ADAPTERS, Clock, utc_now
from bot.flow.wake import bell_for
from bot.flow.whole import require_whole
from bot.log import get_logger, set_up
from bot.store import deliveries
from bot.store.deliveries import Incoming, Receipt
from bot.store.engine import make_engine, reading
from bot.store.migrate import SchemaDiffers, require_current

log = get_logger("webhooks")
RETRY_AFTER_S = 15
PORT_WAIT_S = 5.0
_STATUS = {Receipt.STORED: 202, Receipt.DUPLICATE: 200, Receipt.CONFLICT: 202, Receipt.IGNORED: 202}


class Door:
    """The receiver of one process: accounts with their secrets, the inbox, the clock."""

    def __init__(self, config: Config, inbox: Inbox, clock: Clock, checkpoint: checkpoints.Checkpoint) -> None:
        self._accounts = {each.name: each.to_account() for each in config.settings.accounts}
        self._inbox = inbox
        self._clock = clock
        self._checkpoint = checkpoint

    def receive(self, name: str, call: Request) -> Response:
        """One delivery: 202 stored, 200 known already, 400 unreadable, 401 not proven, 404, 413, 415, 503 come again."""
        account = self._accounts.get(name)
        if account is None:
            return _answer(404, error="no such account")
        if (
            call.method == "HEAD"
        ):  # Intercom tries the address so: https://developers.intercom.com/docs/webhooks/setting-up-webhooks
            return _answer(200 if account.provider is Provider.INTERCOM else 405)
        if call.headers.get("Content-Encoding", "identity") != "identity":
            return _answer(415, error="compressed bodies are not accepted")
        body = _body(call)
        if body is None:
            return _answer(413, error="the body is too large")
        return self._judge(account, {name.lower(): value for name, value in call.headers.items()}, body)

    def _judge(self, account: Account, headers: dict[str, str], body: bytes) -> Response:
        adapter, now = ADAPTERS[account.provider], self._clock()
        try:
            adapter.verify(headers, body, account.webhook, now)
            events = _events(adapter, headers, body, account)
        except SignatureInvalid as error:
            log.warning("delivery.refused", account=account.name, why=error.reason)
            return _answer(401, error=str(error))
        except PayloadUnexpected as error:
            log.warning("delivery.unreadable", account=account.name, path=error.path)
            return _answer(400, error=str(error))
        self._checkpoint("received")
        return self._keep(_incoming(account, body, events, now, adapter.stamp_grain_s))

    def _keep(self, incoming: Incoming) -> Response:
        try:
            receipt = self._inbox.accept(incoming)
        except InboxUnavailable as error:
            answer = _answer(503, error=str(error))
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
            return answer
        log.info("delivery.kept", account=incoming.account, receipt=receipt.value, events=len(incoming.events))
        said = {"duplicate": receipt is Receipt.DUPLICATE, "conflict": receipt is Receipt.CONFLICT, "ignored": incoming.ignored}
        return _answer(_STATUS[receipt], **{name: value for name, value in said.items() if value})


def _body(call: Request) -> bytes | None:
    """The raw bytes, or None where there are more than the cap."""
    try:
        return call.get_data(cache=True)
    except (RequestEntityTooLarge, ClientDisconnected):
        return None


def _events(adapter: Adapter, headers: dict[str, str], body: bytes, account: Account) -> list[Event]:
    return adapter.parse(headers, body, account.name)


def _incoming(account: Account, body: bytes, events: list[Event], now: datetime, settles_s: float) -> Incoming:
    """The delivery as a row: one that names no ticket, or is of a kind that we do not know, is kept and ignored."""
    acted_on = any(event.ticket and event.type is not EventType.OTHER for event in events)
    kinds = ",".join(sorted({event.kind_raw for event in events}))[:100]
    key = events[0].delivery_key if events else hashlib.sha256(body).hexdigest()
    return Incoming(
        account=account.name,
        delivery_key=key[:200],
        body=body,
        events=tuple(events),
        received_at=now,
        ignored="" if acted_on else f"unknown_event {kinds}".strip(),
        settles_s=settles_s,
    )


def _answer(status: int, **said: object) -> Response:
    return Response(json.dumps({"status": status, **said}), status, content_type="application/json")


def create_app(config: Config, engine: Engine | None = None, clock: Clock = utc_now) -> Flask:
    """The Flask app. The inbox's thread and the database connections start with the first delivery, after any fork."""
    app = Flask("deskhand")
    app.config["MAX_CONTENT_LENGTH"] = config.settings.server.max_body_bytes
    checkpoint = checkpoints.armed(config.kill_at)
    store = engine or make_engine(config.database_url)
    door = Door(config, Inbox(store, bell_for(config), checkpoint), clock, checkpoint)

    @app.route("/webhooks/<account>", methods=["POST", "HEAD"], provide_automatic_options=False)
    def receive(account: str) -> Response:
        return door.receive(account, request)

    @app.get("/health")
    def health() -> Response:
        return _answer(200)

    @app.get("/ready")
    def ready() -> Response:
        try:
            with reading(store) as connection:
                connection.execute(text("select 1"))
                waiting = deliveries.backlog(connection)
        except SQLAlchemyError:
            return _answer(503, error="the database does not answer")
        return _answer(200, waiting=waiting)

    return app


class _Server(BaseApplication):
    """gunicorn, set up by our configuration instead of its own files."""

    def __init__(self, config: Config) -> None:
        self._config = config
        super().__init__()

    def load_config(self) -> None:
        server = self._config.settings.server
        wanted: dict[str, Any] = {
            "bind": f"{server.host}:{server.port}",
            "workers": server.workers,
            "worker_class": "gthread",
            "threads": server.threads,
            "graceful_timeout": 10,
            "timeout": 30,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "deskhand-receiver",
            "when_ready": lambda _: sys.stderr.write(f"the receiver listens on http://{server.host}:{server.port}\n"),
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[[Any, Any], Iterable[bytes]]:
        return create_app(self._config)


def main() -> int:
    """Serve until a signal ends it. 2: the configuration or the database must be mended first."""
    arguments = argparse.ArgumentParser(prog="deskhand serve", description="Receive webhooks.")
    arguments.add_argument("--config", type=Path, default=Path("config.yaml"))
    try:
        config = load(arguments.parse_args().config)
        set_up(config.settings.log_level)
        require_whole(config)
        engine = make_engine(config.database_url)
        require_current(engine)
        engine.dispose()
        _require_free(config.settings.server)
    except (ConfigInvalid, SchemaDiffers, _PortTaken, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _Server(config).run()
    return 0


class _PortTaken(Exception):
    """Another process listens where we should."""


def _require_free(server: ServerSettings) -> None:
    """Raises _PortTaken. Waits a little: after a crash the port is free only when the last child of the old one has gone."""
    ends_at = time.monotonic() + PORT_WAIT_S
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    while True:
        try:
            with socket.create_server((server.host, server.port), family=family):
                return
        except OSError as error:
            if time.monotonic() > ends_at:
                where = f"server.host {server.host}, server.port {server.port}"
                raise _PortTaken(f"{where}: {_why(error)}: end what listens there, or choose another") from error
        time.sleep(0.25)


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror)  # a name that resolves to nothing


if __name__ == "__main__":
    sys.exit(main())
