"""A receiver with one account, and a desk whose deliveries knock at it: what the cases at the webhook share.

`door`: the application on loopback, in this process. `real_door`: the receiver's own process, where gunicorn matters. Real HTTP
in either case; nothing is delivered by itself.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML
from sqlalchemy import Engine, func, select

from bot.config import Config, load
from bot.process.clock import utc_now
from bot.store import deliveries
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import delivery_conflicts
from sandbox.desk import Desk
from sandbox.stories.config import SECRETS, write_config
from tests.harness.deskhand import DESKS, NINA, PROVIDERS
from tests.harness.nursery import Child, Nursery
from tests.harness.processes import nursed_child, wait_for
from tests.harness.receiving import receiving
from tests.harness.servers import free_port
from webhooks import create_app

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
each_signer = pytest.mark.parametrize("provider", ["zendesk", "intercom"])  # Freshdesk signs nothing
OLD_SECRET = "the-secret-before-this-one-of-32-characters"
MOST_BYTES = 65_536
WORDS = "Zanzibar is burning"


@dataclass(slots=True)
class ReceiverSetup:
    """`child`: the receiver's process, where it has one of its own."""

    provider: str
    address: str
    desk: Desk
    engine: Engine
    folder: Path
    child: Child | None = None

    def delivery(self) -> bytes:
        """The body of a new ticket's webhook."""
        self.desk.create_ticket(requester=NINA, subject="Down", body=WORDS)
        return self.desk.webhooks.sent[-1].body

    def proof(self, body: bytes) -> dict[str, str]:
        """The headers that bring it."""
        return {"Content-Type": "application/json", **self.desk.sign(body)}

    def knock(self, body: bytes, signed: bytes | None = None, **headers: str) -> requests.Response:
        """`signed`: what the signature is made over, if not the body. `headers`: more, `_` for `-`."""
        more = {name.replace("_", "-"): each for name, each in headers.items()}
        return self.post(body, self.proof(body if signed is None else signed) | more)

    def post(self, body: bytes, headers: Mapping[str, str], account: str = "") -> requests.Response:
        return requests.post(f"{self.address}/webhooks/{account or self.provider}", data=body, headers=headers, timeout=20)

    def dial(self, timeout_s: float = 20.0) -> socket.socket:
        """A connection, for bytes that no client library sends."""
        host, _, port = self.address.removeprefix("http://").partition(":")
        return socket.create_connection((host, int(port)), timeout=timeout_s)

    def head(self, headers: Mapping[str, str], *more: tuple[str, str]) -> bytes:
        """A POST up to its body. `more`: headers that may be there already."""
        pairs = [("Host", "deskhand.example"), *headers.items(), *more]
        lines = [f"POST /webhooks/{self.provider} HTTP/1.1", *(f"{name}: {each}" for name, each in pairs)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def say(self, *pieces: bytes) -> bytes:
        """What it answers to these bytes, up to the end of the connection."""
        with closing(self.dial()) as connection:
            with suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            return until_closed(connection)

    def rows(self) -> dict[str, int]:
        with reading(self.engine) as connection:
            return deliveries.counts(connection)

    def tickets(self) -> list[str | None]:
        """The tickets that deliveries were kept for, in their order."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(delivery_table.c.external_id).order_by(delivery_table.c.seq))
            return [row[0] for row in rows]

    def conflicts(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(delivery_conflicts)).scalar_one()

    def counted(self, reason: str) -> int:
        """How many answers its figures show for this reason."""
        text = requests.get(f"{self.address}/metrics", timeout=20).text
        found = re.findall(r'(?m)^deskhand_webhook_answers_total\{.*?reason="(\w+)".*?\} ([0-9.]+)', text)
        return sum(int(float(count)) for name, count in found if name == reason)

    def log(self) -> str:
        """What its process said."""
        return (self.folder / "webhooks.log").read_text(encoding="utf-8")


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the other side closes, resets, or says nothing for as long as the connection's time-out."""
    said = b""
    with suppress(ConnectionError, TimeoutError):
        while piece := connection.recv(65_536):
            said += piece
    return said


def statuses(said: bytes) -> list[int]:
    """Of all answers in what came over a connection."""
    return [int(each) for each in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", said)]


def configured(folder: Path, provider: str, port: int = 0, **more: Any) -> Config:
    """One account with two secrets, its tables made. `more`: of `server:`."""
    server = {"host": "127.0.0.1", "port": port, "max_body_bytes": MOST_BYTES, **more}
    path = write_config(folder, {provider: "https://acme.example"}, 0, datetime.now(UTC), server=server, rules=[])
    settings = YAML(typ="safe", pure=True).load(path)
    settings["accounts"][0]["webhook"]["secrets"] = [OLD_SECRET, SECRETS[provider]]
    YAML(typ="safe", pure=True).dump(settings, path)
    return load(path, {})


@contextmanager
def door(
    folder: Path,
    provider: str,
    *,
    now: Callable[[], datetime] = utc_now,
    url: str | None = None,
    server: Mapping[str, Any] | None = None,
    **options: Any,
) -> Iterator[ReceiverSetup]:
    """`options` of the desk: its clock, its secret. `now`: the receiver's clock. `url`: another database than SQLite in `folder`,
    with tables. `server`: other settings of it."""
    config = configured(folder, provider, **(server or {}))
    engine = make_engine(url or config.database_url)
    if url is None:
        migrate(engine)
    desk = DESKS[provider](**{"secret": SECRETS[provider], **options})
    with receiving(create_app(config, engine, now)) as address:
        yield ReceiverSetup(provider, address, desk, engine, folder)
    engine.dispose()


@contextmanager
def real_door(nursed: Nursery, folder: Path, provider: str, **server: Any) -> Iterator[ReceiverSetup]:
    """The receiver as `deskhand serve` runs it: one process with two threads. `server`: other settings of it."""
    port = free_port()
    config = configured(folder, provider, port, **{"threads": 2, **server})
    engine = make_engine(config.database_url)
    migrate(engine)
    desk = DESKS[provider](secret=SECRETS[provider])
    with nursed_child(nursed, folder, "webhooks", "--config", str(config.path)) as child:
        found = ReceiverSetup(provider, f"http://127.0.0.1:{port}", desk, engine, folder, child)
        wait_for("the receiver", lambda: _lives(found))
        yield found
    engine.dispose()


def _lives(found: ReceiverSetup) -> bool:
    try:
        return requests.get(f"{found.address}/health", timeout=5).ok
    except requests.RequestException:
        time.sleep(0.05)
        return False


def with_ticket(provider: str, body: bytes, written: str) -> bytes:
    """The delivery with another ticket id, as these characters of JSON have it; Zendesk's other place of it is taken out."""
    told = json.loads(body)
    place: dict[str, Any] = told
    match provider:
        case "zendesk":
            told["subject"] = "zen:ticket:"
            place, name = told["detail"], "id"
        case "intercom":
            place, name = told["data"]["item"], "id"
        case _:
            place, name = told["freshdesk_webhook"], "ticket_id"
    place[name] = "THE-ID"
    return json.dumps(told).replace('"THE-ID"', written).encode()


def answers_to(found: ReceiverSetup, bodies: Sequence[bytes]) -> list[int]:
    """Each proven, each brought once."""
    return [found.knock(each).status_code for each in bodies]
