"""R6: fifty thousand events, shuffled and repeated, while workers are stopped in the midst of their runs (SIGSTOP) until others
have taken their tickets: per ticket the order holds, and no two runs write at the same time.

python -m tests.chaos.order --seed 1 --count 50000

Receiving, runs, leases and ledger are Deskhand's own, in processes of their own, on SQLite and on PostgreSQL. The helpdesk is a
cheap one, so that the events are many: a ticket is a number that grows with each customer message, kept in shared memory; a note
is a line in a file. A delivery names the number that its message made, and reaches the inbox after the number stands.
"""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from adapters.ticket import Event, EventType, Provider, TicketKey, TicketKind
from bot.config import load
from bot.intake.inbox import Inbox, InboxUnavailable
from bot.process.background import beside
from bot.queue.wakeup import bell_for
from bot.store import tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.deliveries import Incoming
from sandbox.stories.config import write_config
from tests.chaos.cheap_desk import Cheap
from tests.chaos.desks import account_of
from tests.chaos.goal import Shown, command, scratch, zero
from tests.chaos.order_checker import Found, check
from tests.harness.nursery import Child, Nursery, end, nursery
from tests.harness.servers import migrated_database, postgres_server

RULES = """rules:
  - id: each-message
    on: [ticket.created, customer.replied]
    when: {subject: {known: true}}
    then: [{add_note: {text: Somebody wrote., per: message}}]
"""
WORKERS = 3
LEASE_S = 1.0
FLOW = {"lease_s": LEASE_S, "rest_s": 0.3, "rest_most_s": 0.3, "settle_s": 0.2, "backoff_first_s": 0.1, "backoff_most_s": 0.5}
FLOW |= {"runs_per_hour": 1_000_000, "rule_firings_per_hour": 1_000_000, "runs_per_day": 1_000_000, "max_crashes": 1000}
FLOW |= {"message_runs_per_hour": 1_000_000, "late_run_every_s": 0}
PER_TICKET = 50  # events
REPEATED = 0.2  # share of the deliveries that are sent once more
SHUFFLED = 300  # so far from its place a delivery may come


def attack(folder: Path, nursed: Nursery, seed: int, count: int, database: str) -> Found:
    """`count` deliveries, repeats included, on one database."""
    dice, found = random.Random(seed), Found()
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    config = write_config(
        folder,
        {},
        0,
        datetime.now(UTC),
        accounts=[account_of("freshdesk", "http://127.0.0.1:9", {"api_key": "none"})],
        rules=[str(folder / "rules.yaml")],
        flow=FLOW,
        database=database,
        log_level="error",
    )
    engine = make_engine(load(config, {}).database_url)
    migrate(engine)
    order = events(dice, count)
    cheap = Cheap.open(folder, max(ticket for ticket, _ in order))
    inbox = Inbox(engine, bell_for(load(config, {})))
    with _workers(nursed, config, folder) as children, _pausing(children, dice, found):
        _deliver(inbox, cheap, order, found)
        _wait(engine)
    check(engine, cheap, found)
    inbox_close = getattr(inbox, "close", None)
    if inbox_close is not None:
        inbox_close()
    engine.dispose()
    return found


def events(dice: random.Random, count: int) -> list[tuple[int, int]]:
    """(ticket, the number that its message made) of each delivery, repeats among them, in the order in which they come."""
    fresh = int(count / (1 + REPEATED))
    ticket_count = max(1, fresh // PER_TICKET)
    grown: dict[int, int] = defaultdict(int)
    made = []
    for _ in range(fresh):
        ticket = dice.randrange(1, ticket_count + 1)
        grown[ticket] += 1
        made.append((ticket, grown[ticket]))
    made += dice.choices(made, k=count - fresh)
    places = [place % fresh + dice.uniform(0, SHUFFLED) for place in range(len(made))]
    return [made[place] for place in sorted(range(len(made)), key=places.__getitem__)]


def _deliver(inbox: Inbox, cheap: Cheap, order: list[tuple[int, int]], found: Found) -> None:
    """As the receiver's threads do."""

    def accept(each: tuple[int, int]) -> str:
        ticket, number = each
        cheap.grow(ticket, number)
        key = TicketKey("freshdesk", TicketKind.TICKET, str(ticket))
        name = f"{ticket}-{number}"
        event = Event(
            provider=Provider.FRESHDESK, type=EventType.CUSTOMER_REPLIED, ticket=key, delivery_key=name, actor="customer"
        )
        incoming = Incoming(
            account="freshdesk", delivery_key=name, body=name.encode(), events=(event,), received_at=datetime.now(UTC)
        )  # fmt: skip
        while True:
            try:
                return inbox.accept(incoming, 30.0).value
            except InboxUnavailable:  # a stopped worker holds the database: a 503, and the sender comes again
                found.refused += 1
                time.sleep(0.5)

    with ThreadPoolExecutor(8) as pool:
        for receipt in pool.map(accept, order):
            found.events += 1
            found.repeats += receipt == "duplicate"


@contextmanager
def _workers(nursed: Nursery, config: Path, folder: Path) -> Iterator[list[Child]]:
    logs = [folder / f"worker-{number}.log" for number in range(WORKERS)]
    children = [nursed.start("tests.chaos.order_worker", str(config), str(folder), log=log) for log in logs]
    try:
        yield children
        said = [log.read_text(encoding="utf-8")[-1000:] for log in logs]
        assert all(child.poll() is None for child in children), said
    finally:
        for child in children:
            end(child)


@contextmanager
def _pausing(children: list[Child], dice: random.Random, found: Found) -> Iterator[None]:
    """One worker after the other stops, mostly for longer than its lease lasts."""

    def pause(over: threading.Event) -> None:
        while not over.wait(dice.uniform(0.05, 0.3)):
            child = dice.choice(children)
            child.signal(signal.SIGSTOP)
            over.wait(dice.uniform(0.3, 2.5) * LEASE_S)
            child.signal(signal.SIGCONT)
            found.pauses += 1

    with beside("pauses", pause):
        yield


def _wait(engine: Engine, timeout_s: float = 1800.0) -> None:
    ends_at = time.monotonic() + timeout_s
    while time.monotonic() < ends_at:
        with reading(engine) as connection:
            left = tickets.unfinished(connection)
        if not left:
            return
        time.sleep(0.2)
    raise TimeoutError(f"{left} tickets still have work")


def scenario(seed: int, count: int) -> Shown:
    notes, bad = [], 0
    with ExitStack() as stack:
        nursed, server = stack.enter_context(nursery()), stack.enter_context(postgres_server())
        urls: Mapping[str, str] = {
            "sqlite": "sqlite:///deskhand.sqlite3",
            "postgresql": stack.enter_context(migrated_database(server)),
        }
        for name, url in urls.items():
            with scratch(f"order-{name}") as folder:
                found = attack(folder, nursed, seed, count, url)
            bad += len(found.order) + len(found.overlaps)
            notes.append(
                f"{name}: {found.events} events, {found.repeats} of them repeats, {found.refused} refused at first, "
                f"{found.runs} runs, {found.notes} notes, "
                f"{found.pauses} pauses, {found.taken_over} tickets taken over; {len(found.order)} order violations, "
                f"{len(found.overlaps)} overlaps, {found.doubles} notes twice"
            )
            notes += [f"  {each}" for each in [*found.order, *found.overlaps][:10]]
    return zero("R6", bad, tuple(notes))


def main() -> int:
    return command("Order and one run at a time, under pauses.", 50_000, scenario)


if __name__ == "__main__":
    sys.exit(main())
