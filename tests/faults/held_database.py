"""What the faults between the door and the database share: deliveries that are brought by hand, and who holds the database."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from sqlalchemy import Engine, text

from bot.store import deliveries
from bot.store.database.engine import make_engine, reading
from tests.faults.common import outage
from tests.harness.deskhand import Running

PATIENCE_S = 4.0  # 2 s by the design, and room for a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook of this ticket, signed anew at each knock."""

    ticket: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    took_s: float
    retry_after_s: int | None
    said: Mapping[str, object]

    @property
    def asks_to_come_again(self) -> bool:
        """503 in time, with a pause that Zendesk honours (under a minute)."""
        return self.status == 503 and self.took_s < PATIENCE_S and self.retry_after_s in range(5, 56)


def undelivered(run: Running, subject: str = "Production is down") -> Delivery:
    """A ticket of which nobody has told us yet."""
    target, run.desk.webhooks.target = run.desk.webhooks.target, None
    ticket = outage(run, subject)
    sent = run.desk.webhooks.sent[-1]
    run.desk.webhooks.target = target
    return Delivery(ticket=ticket, body=sent.body, headers=sent.headers)


def knock(run: Running, delivery: Delivery, address: str | None = None) -> Answer:
    """Bring it to the door. Raises requests.ConnectionError where the door dies of it."""
    headers = {"Content-Type": "application/json", **delivery.headers, **run.desk.sign(delivery.body)}
    started = time.monotonic()
    answer = requests.post(f"{address or run.address}/webhooks/{run.provider}", data=delivery.body, headers=headers, timeout=30)
    wait = answer.headers.get("Retry-After")
    took_s = time.monotonic() - started
    return Answer(status=answer.status_code, took_s=took_s, retry_after_s=int(wait) if wait else None, said=answer.json())


def rows(run: Running) -> int:
    """How many deliveries are stored."""
    with reading(run.parts.engine) as connection:
        return sum(deliveries.counts(connection).values())


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another writer holds the database of this URL meanwhile."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("begin immediate")
        try:
            yield
        finally:
            other.execute("rollback")
            other.close()
        return
    engine: Engine = make_engine(url)
    with engine.connect() as connection, connection.begin():
        connection.execute(text("lock table deliveries in access exclusive mode"))
        yield
    engine.dispose()


@contextmanager
def held_for(url: str, seconds: float) -> Iterator[None]:
    """As `held`, for so long from now on, while the test goes on."""
    is_held = threading.Event()

    def hold() -> None:
        with held(url):
            is_held.set()
            time.sleep(seconds)

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(10)
    yield
    thread.join()
