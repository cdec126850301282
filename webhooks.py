"""The way in: one route for every helpdesk account. Verify over the raw bytes, parse, store durably, wake, answer.

Nothing slow happens here and nothing is decided. `python -m webhooks` serves it with gunicorn (`deskhand serve`).
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from bot.config import Config, ConfigInvalid, ServerSettings, load
from bot.intake.backpressure import Pressure
from bot.intake.http import Answer, Environ, Start, answer, come_again
from bot.intake.inbox import WAIT_S, Inbox
from bot.intake.metrics import CONTENT_TYPE, Metrics, ReceiverCounts, may_read
from bot.intake.metrics import folder_of as metrics_folder
from bot.intake.metrics import share as share_metrics
from bot.intake.readiness import NotReady, Readiness
from bot.intake.receiver import ReceiverParts, WebhookReceiver, too_late
from bot.intake.shared_counts import clean as clean_metrics
from bot.log import Often, get_logger, set_up
from bot.process import failpoints
from bot.process.clock import Clock, utc_now
from bot.queue.wakeup import bell_for
from bot.runtime.account_identity import require_known
from bot.server.connection import ANSWER_LATER, Give, Later
from bot.server.gunicorn_worker import listener
from bot.shared.heartbeat import Pulse
from bot.store.database.engine import make_engine
from bot.store.database.migrate import SchemaDiffers, require_current

log = get_logger("webhooks")
often = Often(log)
PORT_WAIT_S = 5.0
_PREFIX = "/webhooks/"


def create_app(config: Config, engine: Engine | None = None, clock: Clock = utc_now) -> Flask:
    """The Flask app. The inbox's thread and the database connections start with the first delivery, after any fork."""
    app = Flask("deskhand")
    checkpoint = failpoints.armed(config.kill_at)
    store = engine or make_engine(config.database_url)
    inbox, pressure = Inbox(store, bell_for(config), checkpoint), Pressure(config, store)
    door = WebhookReceiver(config, ReceiverParts(inbox=inbox, pressure=pressure, clock=clock, checkpoint=checkpoint))
    metrics = Metrics(config, store, clock)
    token = config.settings.server.metrics_token
    readiness = Readiness(store, pressure)
    closing = app.extensions["deskhand"] = ExitStack()  # to close, where an app ends before its process
    closing.callback(pressure.close)
    closing.callback(inbox.close)

    hooks = Hooks(app.wsgi_app, door, metrics.door)
    app.wsgi_app = hooks  # type: ignore[method-assign, assignment]  # as Flask's documentation does it

    @app.route("/webhooks/<account>", methods=["HEAD"], provide_automatic_options=False)
    def tried(account: str) -> Response:
        return _response(hooks.receive(account, request.environ))

    @app.get("/metrics")
    def figures() -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not may_read(headers, request.remote_addr, token.get_secret_value() if token else None):
            return _answer(403, error="figures are for who brings server.metrics_token, or for this machine")
        return Response(metrics.text(), content_type=CONTENT_TYPE)

    @app.get("/health")
    def health() -> Response:
        return _answer(200)

    @app.get("/ready")
    def ready() -> Response:
        try:
            return _answer(200, waiting=readiness.waiting())
        except NotReady as error:
            return _answer(503, error=str(error))

    @app.errorhandler(Exception)
    def trouble(error: Exception) -> Response:
        """Whatever happens: no traceback to strangers, and no plain 500, after which Zendesk never comes again."""
        if isinstance(error, HTTPException):
            return _answer(error.code or 500)
        return _response(_failed(error))

    return app


def _response(given: Answer) -> Response:
    return Response(given.body, given.status, given.headers)


def _answer(status: int, **said: object) -> Response:
    return _response(answer(status, "", **said))


class Hooks:
    """Deliveries go straight to the door: Flask takes longer to find its way than Deskhand to prove and read one, and floods of
    forged ones come this way too (docs/bench.md, P1 and P6). All else is Flask's, other methods on the same address included."""

    def __init__(self, others: Callable[[Any, Any], Iterable[bytes]], door: WebhookReceiver, counts: ReceiverCounts) -> None:
        self._others = others
        self._door = door
        self._counts = counts

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] != "POST" or not path.startswith(_PREFIX) or path.count("/") != 2 or path == _PREFIX:
            return self._others(environ, start)
        account, later = path[len(_PREFIX) :], environ.get(ANSWER_LATER)
        if later is None:
            return self.receive(account, environ).give(start)
        begun = time.perf_counter()

        def count(given: Answer) -> Give:
            def give(start: Start) -> Iterable[bytes]:
                self._count(account, given, begun)
                return given.give(start)

            return give

        try:
            given = self._door.receive_later(account, environ, lambda told: later(count(told)))
        except Exception as error:  # no traceback to strangers, and no plain 500, after which Zendesk never comes again
            given = _failed(error)
        if given is None:
            return Later(WAIT_S, lambda start: count(too_late())(start))
        return count(given)(start)

    def receive(self, account: str, environ: Environ) -> Answer:
        """For a server that calls each request in a thread of its own."""
        begun = time.perf_counter()
        try:
            given = self._door.receive(account, environ)
        except Exception as error:
            given = _failed(error)
        self._count(account, given, begun)
        return given

    def _count(self, account: str, given: Answer, begun: float) -> None:
        self._counts.answered(account, given.status, given.reason, time.perf_counter() - begun)


def _failed(error: Exception) -> Answer:
    often.warning("receiver.failed", why=type(error).__name__)
    return come_again("something went wrong here")


class Server(BaseApplication):
    """gunicorn, set up by our configuration instead of its own files."""

    def __init__(self, config: Config, app: Callable[[Config], Flask] = create_app) -> None:
        self._config = config
        self._app = app
        self._pulse = ExitStack()
        super().__init__()

    def load_config(self) -> None:
        server = self._config.settings.server
        wanted: dict[str, Any] = {
            "bind": f"{server.host}:{server.port}",
            "workers": server.workers,
            "worker_class": listener(server.max_body_bytes, f"POST {_PREFIX}".encode()),
            "threads": server.threads,
            "graceful_timeout": 10,
            "timeout": 30,
            "keepalive": 5,
            # No header of a caller becomes a part of the environment's own: a proxy is on this machine as often as not, and the
            # default trusts SCRIPT_NAME and PATH_INFO from there.
            "forwarder_headers": "",
            "forwarded_allow_ips": "",
            "loglevel": "warning",
            "proc_name": "deskhand-receiver",
            "worker_exit": lambda _, __: self._pulse.close(),
            "on_starting": lambda _: clean_metrics(metrics_folder(self._config)),
            "when_ready": lambda _: sys.stderr.write(f"the receiver listens on http://{server.host}:{server.port}\n"),
        }
        for name, value in wanted.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[[Any, Any], Iterable[bytes]]:
        share_metrics(metrics_folder(self._config))  # in the worker process, before its first figure is made
        self._pulse.enter_context(Pulse(make_engine(self._config.database_url), "receiver").beating())
        return self._app(self._config)


def main() -> int:
    """Serve until a signal ends it. 1: the database is away now. 2: the configuration or the schema must be mended first."""
    from bot.runtime.preflight import require_whole  # rules are checked once, before the start; receiving needs none of them

    arguments = argparse.ArgumentParser(prog="deskhand serve", description="Receive webhooks.")
    arguments.add_argument("--config", type=Path, default=Path("config.yaml"))
    try:
        config = load(arguments.parse_args().config)
        set_up(config.settings.log_level, config.settings.log_format)
        require_whole(config)
        engine = make_engine(config.database_url)
        require_current(engine)
        require_known(engine, config.settings)
        engine.dispose()
        _require_free(config.settings.server)
    except (ConfigInvalid, SchemaDiffers, _PortTaken, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except SQLAlchemyError as error:
        sys.stderr.write(f"{config.path}: the database cannot be used ({type(error).__name__}): does its server run?\n")
        return 1
    Server(config).run()
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
