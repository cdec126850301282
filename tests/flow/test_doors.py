"""The receiver over real HTTP: who comes in, who does not and what they are told, and what is kept of it.

That its logs hold nothing of all this: test_logs.py.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML
from sqlalchemy import Engine, func, select

from bot.config import load
from bot.store import deliveries
from bot.store.engine import make_engine, reading
from bot.store.migrate import migrate
from bot.store.schema import delivery_conflicts
from sandbox.desk import Desk
from sandbox.serve import serving
from sandbox.stories.config import SECRETS, write_config
from tests.flow.harness import DESKS, NINA, PROVIDERS
from webhooks import create_app

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
OLD_SECRET = "the-secret-before-this-one-of-32-characters"
MOST_BYTES = 4096
WORDS = "Zanzibar is burning"


@dataclass(slots=True)
class Door:
    """A receiver with one account, and the desk whose deliveries knock; nothing is delivered by itself."""

    provider: str
    address: str
    desk: Desk
    engine: Engine
    database: Path

    def delivery(self) -> bytes:
        """The body of a new ticket's webhook."""
        self.desk.create_ticket(requester=NINA, subject="Down", body=WORDS)
        return self.desk.webhooks.sent[-1].body

    def knock(self, body: bytes, signed: bytes | None = None, encoding: str | None = None) -> requests.Response:
        """`signed`: what the signature is made over, if not the body."""
        proof = self.desk.sign(body if signed is None else signed)
        coded = {"Content-Encoding": encoding} if encoding else {}
        return self.post(body, {"Content-Type": "application/json", **proof, **coded})

    def post(self, body: bytes, headers: Mapping[str, str], account: str = "") -> requests.Response:
        return requests.post(f"{self.address}/webhooks/{account or self.provider}", data=body, headers=headers, timeout=10)

    def rows(self) -> dict[str, int]:
        with reading(self.engine) as connection:
            return deliveries.counts(connection)

    def conflicts(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.count()).select_from(delivery_conflicts)).scalar_one()


@contextmanager
def door(folder: Path, provider: str, **options: Any) -> Iterator[Door]:
    """`options` of the desk: its clock, its secret."""
    path = write_config(
        folder, {provider: "https://acme.example"}, 0, datetime.now(UTC), server={"max_body_bytes": MOST_BYTES}, rules=[]
    )
    settings = YAML(typ="safe", pure=True).load(path)
    settings["accounts"][0]["webhook"]["secrets"] = [OLD_SECRET, SECRETS[provider]]
    YAML(typ="safe", pure=True).dump(settings, path)
    config = load(path, {})
    engine = make_engine(config.database_url)
    migrate(engine)
    desk = DESKS[provider](**{"secret": SECRETS[provider], **options})
    with serving(create_app(config, engine)) as address:
        yield Door(provider, address, desk, engine, folder / "deskhand.sqlite3")
    engine.dispose()


@each_helpdesk
@pytest.mark.parametrize("which", ["second", "first"])
def test_either_secret_opens(tmp_path: Path, provider: str, which: str) -> None:
    with door(tmp_path, provider, secret=SECRETS[provider] if which == "second" else OLD_SECRET) as found:
        answer = found.knock(found.delivery())

        assert answer.status_code == 202
        assert found.rows() == {"pending": 1}


@each_helpdesk
def test_a_missing_proof_is_refused_and_leaves_nothing(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answer = found.post(found.delivery(), {"Content-Type": "application/json"})

        assert (answer.status_code, found.rows()) == (401, {})


@each_helpdesk
def test_a_third_secret_is_refused_and_leaves_nothing(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider, secret="somebody-elses-secret-of-32-characters") as found:
        answer = found.knock(found.delivery())

        assert (answer.status_code, found.rows()) == (401, {})


@pytest.mark.parametrize("provider", ["zendesk", "intercom"])  # Freshdesk signs nothing
def test_an_altered_body_is_refused_and_leaves_nothing(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()

        answer = found.knock(body.replace(b"Down", b"Gone"), signed=body)

        assert (answer.status_code, found.rows()) == (401, {})


@pytest.mark.parametrize("provider", ["zendesk", "intercom"])  # Freshdesk's webhooks hold no time
def test_an_old_delivery_is_refused_and_leaves_nothing(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider, clock=lambda: datetime.now(UTC) - timedelta(hours=3)) as found:
        answer = found.knock(found.delivery())

        assert (answer.status_code, found.rows()) == (401, {})


@each_helpdesk
def test_a_body_over_the_cap_is_refused(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answer = found.knock(b" " * (MOST_BYTES + 1))

        assert (answer.status_code, found.rows()) == (413, {})


@each_helpdesk
def test_a_body_without_a_ticket_is_told_the_path(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answer = found.knock(_without_ticket(provider, found.delivery()))

        assert (answer.status_code, found.rows()) == (400, {})
        assert "$." in answer.json()["error"]
        assert WORDS not in answer.text


@each_helpdesk
def test_a_compressed_body_is_refused(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answer = found.knock(gzip.compress(found.delivery()), encoding="gzip")

        assert (answer.status_code, found.rows()) == (415, {})


@each_helpdesk
def test_other_methods_and_other_accounts_find_no_door(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body, url = found.delivery(), f"{found.address}/webhooks/{provider}"

        assert found.post(body, found.desk.sign(body), account="nobody").status_code == 404
        assert [requests.request(method, url, timeout=5).status_code for method in ("GET", "PUT", "DELETE")] == [405] * 3
        assert requests.head(url, timeout=5).status_code == (200 if provider == "intercom" else 405)
        assert found.rows() == {}


def test_intercoms_ping_is_answered_and_not_worked_on(tmp_path: Path) -> None:
    with door(tmp_path, "intercom") as found:
        ping = json.loads(found.delivery()) | {"topic": "ping", "id": None}
        ping["data"]["item"] = {"type": "ping", "message": "hello"}

        answer = found.knock(json.dumps(ping).encode())

        assert answer.status_code == 202
        assert set(found.rows()) <= {"ignored"}


@pytest.mark.parametrize(("provider", "name"), [("zendesk", "type"), ("intercom", "topic")])
def test_an_unknown_kind_is_kept_and_ignored(tmp_path: Path, provider: str, name: str) -> None:
    with door(tmp_path, provider) as found:
        unknown = json.loads(found.delivery()) | {name: "zen:event-type:ticket.sneezed_at"}

        answer = found.knock(json.dumps(unknown).encode())

        assert (answer.status_code, found.rows()) == (202, {"ignored": 1})


@each_helpdesk
def test_a_repeat_is_told_that_it_is_one(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()

        answers = [found.knock(body) for _ in range(3)]

        assert [each.json().get("duplicate", False) for each in answers] == [False, True, True]
        assert all(each.ok for each in answers)
        assert found.rows() == {"pending": 1}


@pytest.mark.parametrize("provider", ["zendesk", "intercom"])  # Freshdesk's webhooks have no id
def test_the_same_id_with_another_body_is_kept_apart(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        found.knock(body)

        answer = found.knock(json.dumps(json.loads(body) | {"a": "new field"}).encode())

        assert (answer.status_code, answer.json()["conflict"]) == (202, True)
        assert (found.rows(), found.conflicts()) == ({"pending": 1}, 1)


@each_helpdesk
def test_a_locked_database_asks_the_sender_to_come_again(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        with closing(sqlite3.connect(found.database)) as other:
            other.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            answer = found.knock(body)
            took_s = time.monotonic() - started
            rows = found.rows()
            other.execute("ROLLBACK")
        again = found.knock(body)

        assert (answer.status_code, rows) == (503, {})
        assert 5 <= int(answer.headers["Retry-After"]) <= 55
        assert took_s < 3
        assert again.ok
        assert found.rows() == {"pending": 1}


def _without_ticket(provider: str, body: bytes) -> bytes:
    """The delivery, of a known kind, with the ticket's id taken out."""
    told = json.loads(body)
    match provider:
        case "zendesk":
            told["subject"] = "zen:ticket:"
            del told["detail"]["id"]
        case "intercom":
            del told["data"]["item"]["id"]
        case _:
            del told["freshdesk_webhook"]["ticket_id"]
    return json.dumps(told).encode()
