"""A Zendesk stand-in with a client for tests: plain requests, no retries, nothing of Deskhand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from sandbox.serve import running
from sandbox.zendesk import ZendeskDesk

ANNA = "anna.agent@example.com"
BEN = "ben.agent@example.com"
CLARA = "clara.chief@northwind.example"
NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
TOKEN = ("deskhand.bot@example.com/token", "sandbox-zendesk-token")


class Client:
    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.auth = TOKEN

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.address}/api/v2{path}", timeout=10, **options)

    def get(self, path: str) -> Any:
        return self.call("GET", path).json()

    def put(self, ticket: str, **fields: Any) -> requests.Response:
        return self.call("PUT", f"/tickets/{ticket}.json", json={"ticket": fields})


Pair = tuple[ZendeskDesk, Client]


@contextmanager
def zendesk(**options: Any) -> Iterator[tuple[ZendeskDesk, Client]]:
    desk = ZendeskDesk(time_scale=0.01, **options)
    with running(desk) as address:
        client = Client(address)
        with client.session:
            yield desk, client


def opened(desk: ZendeskDesk, **options: Any) -> str:
    """A ticket from Clara of Northwind."""
    return desk.create_ticket(**{"requester": CLARA, "subject": "All down", "body": "Nothing works.", **options})


class Clock:
    """Stands at NOON until it is moved."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
