"""The baselines: the least that a receiver can do, with the settings of the real one.

`python -m bench.endpoints bare --config config.yaml`. `bare` reads the body and answers 202; `insert` inserts it into PostgreSQL:
both are Flask under gunicorn's own threaded worker. `verify` proves and reads the delivery as Deskhand does, and stores nothing;
`normal` is Deskhand itself, but a commit does not wait for the disk: both under Deskhand's listener.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from threading import local
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask, Response, request
from sqlalchemy import event, make_url

from bot.config import Config, load
from bot.intake.backpressure import Pressure
from bot.intake.inbox import Inbox
from bot.intake.metrics import ReceiverCounts
from bot.intake.receiver import ReceiverParts, WebhookReceiver
from bot.log import set_up
from bot.process.clock import utc_now
from bot.process.failpoints import nothing
from bot.queue.wakeup import bell_for
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from bot.store.deliveries import Incoming, Receipt
from webhooks import Hooks, Server, create_app


def bare(config: Config) -> Flask:
    """Reads the body and answers 202."""
    app = Flask("bare")

    @app.post("/webhooks/<account>")
    def receive(account: str) -> Response:
        request.get_data()
        return Response('{"status": 202}', 202, content_type="application/json")

    return app


class _Nowhere(Inbox):
    """Takes everything and keeps nothing."""

    def accept(self, incoming: Incoming, wait_s: float = 0.0) -> Receipt:
        return Receipt.STORED

    def accept_later(self, incoming: Incoming, tell: Callable[[Callable[[], Receipt]], None]) -> None:
        tell(lambda: Receipt.STORED)


def verify(config: Config) -> Flask:
    """Signature, JSON, events: what can be refused is refused, and nothing is kept."""
    app, engine = Flask("verify"), make_engine(config.database_url)
    inbox, pressure = _Nowhere(engine, bell_for(config)), Pressure(config, engine)
    door = WebhookReceiver(config, ReceiverParts(inbox=inbox, pressure=pressure, clock=utc_now, checkpoint=nothing))
    counts = ReceiverCounts(each.name for each in config.settings.accounts)
    app.wsgi_app = Hooks(app.wsgi_app, door, counts)  # type: ignore[method-assign, assignment]
    return app


def normal(config: Config) -> Flask:
    """All that Deskhand does, but a commit does not wait for the disk."""
    engine = make_engine(config.database_url)
    migrate(engine)
    engine.dispose()

    @event.listens_for(engine, "connect")
    def relax(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA synchronous=NORMAL")

    return create_app(config, engine)


def insert(config: Config) -> Flask:
    """Reads the body and inserts it into a table of a PostgreSQL database, a connection for each thread, one commit each."""
    url = make_url(config.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table if not exists bare (id bigserial primary key, key uuid not null unique, body bytea not null)"
        )
    threads = local()
    app = Flask("insert")

    @app.post("/webhooks/<account>")
    def receive(account: str) -> Response:
        if not hasattr(threads, "connection"):
            threads.connection = psycopg.connect(url, autocommit=True)
        threads.connection.execute("insert into bare (key, body) values (%s, %s)", (uuid4(), request.get_data()))
        return Response('{"status": 202}', 202, content_type="application/json")

    return app


class PlainServer(Server):
    """As most people serve Flask."""

    def load_config(self) -> None:
        super().load_config()
        self.cfg.set("worker_class", "gthread")


PLAIN = ("bare", "insert")
APPS: dict[str, Callable[[Config], Flask]] = {"bare": bare, "verify": verify, "normal": normal, "insert": insert}


def main() -> int:
    arguments = argparse.ArgumentParser(prog="python -m bench.endpoints", description="Serve a baseline.")
    arguments.add_argument("app", choices=APPS)
    arguments.add_argument("--config", type=Path, required=True)
    told = arguments.parse_args()
    config = load(told.config)
    set_up(config.settings.log_level)
    (PlainServer if told.app in PLAIN else Server)(config, APPS[told.app]).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
