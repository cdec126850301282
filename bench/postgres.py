"""P18: intake on PostgreSQL beside an endpoint that only inserts there, and a single writer's rate beside SQLite's."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, make_url, text

from adapters.ticket import Event, EventType, Provider, TicketKey, TicketKind
from bench.goals import Goal, Outcome, Size, at_least, both
from bench.intake import measured
from bench.letters import body, deliveries
from bench.measure import in_turn, ratio, spread
from bench.servers import baseline, deskhand
from bot.intake.inbox import Inbox
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from bot.store.deliveries import Incoming
from tests.harness.servers import empty_database, postgres_server


class _NoBell:
    def ring(self, key: TicketKey) -> bool:
        return True


@contextmanager
def database(kind: str) -> Iterator[str]:
    """The URL of a new, empty database that waits for the disk at a commit."""
    if kind == "sqlite":
        with TemporaryDirectory(prefix="deskhand-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'deskhand.sqlite3'}"
        return
    with postgres_server() as server, empty_database(server) as url:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"alter database {make_url(url).database} set synchronous_commit = on"))
        engine.dispose()
        yield url


def intake(size: Size) -> Outcome:
    """P18."""
    return both(_beside_bare_insert(size), _one_writer(size))


def _beside_bare_insert(size: Size) -> Outcome:
    count = size.of(3000, 1500)
    with ExitStack() as stack:
        url, other = (stack.enter_context(database("postgresql")) for _ in range(2))
        bare = stack.enter_context(baseline("insert", database=other))
        real = stack.enter_context(deskhand(database=url))
        for each in (bare, real):
            each.run(list(deliveries(300)))
        found = in_turn(size.pairs, lambda: measured(bare, count), lambda: measured(real, count))
    rates = [(one[1], two[1]) for one, two in found]
    shown = ", ".join(f"{one:.0f}/{two:.0f}" for one, two in rates)
    return at_least(ratio(rates), 0.7, [f"requests a second, bare insert/Deskhand: {spread(rates)}; {shown}"])


def _one_writer(size: Size) -> Outcome:
    count = size.of(1500, 400)
    with ExitStack() as stack:
        inboxes = [stack.enter_context(_inbox(kind)) for kind in ("sqlite", "postgresql")]
        for each in inboxes:
            _store(each, 50)
        found = in_turn(size.pairs, lambda: _store(inboxes[0], count), lambda: _store(inboxes[1], count))
    shown = ", ".join(f"{one:.0f}/{other:.0f}" for one, other in found)
    return at_least(
        ratio(found), 0.4, [f"one delivery after the other, rows a second, SQLite FULL/PostgreSQL: {spread(found)}; {shown}"]
    )


@contextmanager
def _inbox(kind: str) -> Iterator[Inbox]:
    with database(kind) as url:
        engine = make_engine(url)
        migrate(engine)
        yield Inbox(engine, _NoBell())
        engine.dispose()


def _store(inbox: Inbox, count: int) -> float:
    """Deliveries a second, each committed before the next is taken."""
    made = [_incoming() for _ in range(count)]
    begun = time.perf_counter()
    for each in made:
        inbox.accept(each)
    return count / (time.perf_counter() - begun)


def _incoming() -> Incoming:
    now, key = datetime.now(UTC), secrets.token_hex(16)
    ticket = TicketKey("zendesk", TicketKind.TICKET, str(secrets.randbits(48) + 1))
    event = Event(provider=Provider.ZENDESK, type=EventType.TICKET_CREATED, ticket=ticket, delivery_key=key, occurred_at=now)
    return Incoming(account="zendesk", delivery_key=key, body=body(), events=(event,), received_at=now)


GOALS = (Goal(name="P18", title="PostgreSQL intake, against a bare insert and against SQLite", measure=intake),)
