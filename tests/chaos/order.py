"""R6: fifty thousand events, shuffled and repeated, while workers are stopped in the midst of their runs (SIGSTOP) until others
have taken their tickets: per ticket the order holds, and no two runs write at the same time.

python -m tests.chaos.order --seed 1 --count 50000

Receiving, runs, leases and ledger are Deskhand's own, in processes of their own, on SQLite and on PostgreSQL. The helpdesk is a
cheap one, so that the events are many: a ticket is a number that grows with each customer message, kept in shared memory; a note
is a line in a file. A delivery names the number that its message made, and reaches the inbox after the number stands.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from adapters.codec import loads
from adapters.helpdesk import Adapter, Helpdesk
from adapters.registry import ADAPTERS
from adapters.ticket import Agent, Event, EventType, Message, Provider, Ticket, TicketKey, TicketKind
from adapters.writes import Capability, Note, Outcome, Plan, Request, Result, Support
from bot.config import AccountSettings, load
from bot.intake.inbox import Inbox, InboxUnavailable
from bot.log import set_up
from bot.pipeline.claim import run_ticket
from bot.process.background import beside
from bot.queue.wakeup import bell_for
from bot.runtime.bootstrap import Runtime, make_runtime, warm_up
from bot.store import deliveries, tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import runs as run_table
from bot.store.database.schema import tickets as ticket_table
from bot.store.deliveries import Incoming
from sandbox.stories.config import write_config
from tests.chaos.desks import account_of
from tests.chaos.goal import Shown, command, scratch, zero
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
FLOW = {"lease_s": LEASE_S, "rest_s": 0.3, "settle_s": 0.2, "backoff_first_s": 0.1, "backoff_most_s": 0.5}
FLOW |= {"runs_per_hour": 1_000_000, "rule_firings_per_hour": 1_000_000, "runs_per_day": 1_000_000, "max_crashes": 1000}
FLOW |= {"message_runs_per_hour": 1_000_000, "late_run_every_s": 0}
PER_TICKET = 50  # events
REPEATED = 0.2  # share of the deliveries that are sent once more
SHUFFLED = 300  # so far from its place a delivery may come
BORN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
_NUMBER = struct.Struct("<q")


# the cheap helpdesk


@dataclass(slots=True)
class Cheap:
    """Both sides of it: numbers in a file that all processes map, and lines appended to another, one write each."""

    folder: Path
    numbers: mmap.mmap
    lines: int
    may_write: Callable[[], None] = lambda: None  # asked right before the first byte, as the transport does

    @staticmethod
    def open(folder: Path, count: int = 0) -> Cheap:
        """`count`: make it, for so many tickets."""
        path = folder / "numbers"
        if count:
            path.write_bytes(bytes(8 * (count + 1)))
        with path.open("r+b") as file:
            numbers = mmap.mmap(file.fileno(), 0)
        return Cheap(folder, numbers, os.open(folder / "lines", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))

    def number(self, ticket: int) -> int:
        return int(_NUMBER.unpack_from(self.numbers, 8 * ticket)[0])

    def grow(self, ticket: int, number: int) -> None:
        if number > self.number(ticket):
            _NUMBER.pack_into(self.numbers, 8 * ticket, number)

    def tell(self, what: str, ticket: str, *more: object) -> None:
        os.write(self.lines, (" ".join(map(str, (time.monotonic_ns(), os.getpid(), what, ticket, *more))) + "\n").encode())

    def told(self) -> list[list[str]]:
        """All lines, in the order in which they were written."""
        return [line.split() for line in (self.folder / "lines").read_text(encoding="ascii").splitlines()]

    @property
    def account(self) -> object:
        return None


def _message(number: int) -> Message:
    return Message(external_id=f"m{number}", body_text=f"Message {number}.", created_at=BORN + timedelta(seconds=number))


def hydrate(key: TicketKey, api: Cheap) -> Ticket:
    number = api.number(int(key.external_id))
    return Ticket(
        provider=Provider.FRESHDESK,
        account=key.account,
        external_id=key.external_id,
        subject="Something",
        messages=tuple(_message(each) for each in range(max(1, number - 1), number + 1)),
        created_at=BORN,
        updated_at=BORN + timedelta(seconds=number),
        read_at=datetime.now(UTC),
        raw=number,
    )


def to_requests(plan: Plan, ticket: Ticket, api: Cheap) -> list[Request]:
    notes = [(place, each.write) for place, each in enumerate(plan.writes) if isinstance(each.write, Note)]
    made = Request(ticket=plan.ticket, number=0, operation="add_note", arguments={"number": ticket.raw})
    return [replace(made, number=number, writes=(place,), marker=note.marker) for number, (place, note) in enumerate(notes)]


def send(request: Request, api: Cheap) -> Outcome:
    api.may_write()
    api.tell("note", request.ticket.external_id, request.arguments["number"], request.marker)
    return Outcome(result=Result.CONFIRMED, external_id=request.marker)


def find_marker(key: TicketKey, marker: str, api: Cheap) -> str | None:
    return next((marker for line in api.told() if line[2] == "note" and line[5] == marker), None)


CHEAP = Adapter(
    provider=Provider.FRESHDESK,
    stamp_grain_s=0.0,
    capabilities={kind: Capability(support=Support.YES) for kind in ADAPTERS[Provider.FRESHDESK].capabilities},
    verify=lambda *_: None,
    parse=lambda *_: [],
    connect_api=lambda *_: None,
    hydrate=hydrate,
    to_requests=to_requests,
    send=send,
    find_marker=find_marker,
    poll=lambda *_: None,  # type: ignore[arg-type]  # nobody polls
    me=lambda _: Agent(external_id="ours"),
    macros=lambda _: [],
    preview=lambda *_: None,  # type: ignore[arg-type]  # there are no macros
    teams=lambda _: [],
    agents=lambda _: [],
)


@dataclass(slots=True, kw_only=True)
class CheapParts(Runtime):
    """A worker's parts, whose helpdesk is the cheap one."""

    api: Cheap

    def helpdesk(self, account: AccountSettings, may_write: Callable[[], None] | None = None) -> Helpdesk:
        return Helpdesk(CHEAP, account.to_account(), replace(self.api, may_write=may_write or _always))


def _always() -> None:
    pass


def work() -> int:
    """A worker process: arguments are the configuration and the cheap helpdesk's folder. Ends at SIGTERM."""
    config = load(Path(sys.argv[1]), {})
    set_up("error")
    api, made = Cheap.open(Path(sys.argv[2])), make_runtime(config)
    parts = CheapParts(api=api, **{each.name: getattr(made, each.name) for each in fields(made)})
    over, now_on = threading.Event(), [""]
    signal.signal(signal.SIGTERM, lambda *_: over.set())

    def checkpoint(name: str) -> None:
        if name in ("claimed", "finished"):
            api.tell(name, now_on[0])

    parts.checkpoint = checkpoint
    warm_up(parts)
    dice = random.Random(os.getpid())
    while not over.is_set():
        try:
            did = _work_on_ready(parts, over, now_on, dice)
        except SQLAlchemyError:  # a stopped process may hold the database: a worker stays and comes again, as worker.py's does
            did = False
        if not did:
            time.sleep(0.05)
    return 0


def _work_on_ready(parts: Runtime, over: threading.Event, now_on: list[str], dice: random.Random) -> bool:
    with reading(parts.engine) as connection:
        ready = tickets.ready(connection, 50)
    dice.shuffle(ready)  # else all workers would try the same ones
    for key in ready:
        if over.is_set():
            break
        now_on[0] = key.external_id
        run_ticket(key, parts)
    return bool(ready)


# the attack


@dataclass(slots=True)
class Found:
    """`order`: breaches of the order. `overlaps`: writes of a run after another one had claimed its ticket."""

    events: int = 0
    repeats: int = 0
    refused: int = 0
    runs: int = 0
    notes: int = 0
    pauses: int = 0
    taken_over: int = 0
    order: list[str] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)
    doubles: int = 0


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
    _check(engine, cheap, found)
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


# the checker


def _check(engine: Engine, cheap: Cheap, found: Found) -> None:
    by_ticket: dict[str, list[list[str]]] = defaultdict(list)
    for line in cheap.told():
        by_ticket[line[3]].append(line)
    for ticket, lines in by_ticket.items():
        _check_lines(ticket, lines, found)
    with reading(engine) as connection:
        for ticket in by_ticket:
            _check_rows(connection, ticket, cheap.number(int(ticket)), found)
        states = set(deliveries.counts(connection))
    if not states <= {"done", "ignored", "superseded"}:
        found.order.append(f"deliveries ended as {sorted(states)}")


def _check_lines(ticket: str, lines: list[list[str]], found: Found) -> None:
    """Notes come in the order of the messages, and from the process that claimed the ticket last."""
    holder, newest, markers = "", 0, set[str]()
    claims: dict[str, bool] = {}
    for _, pid, what, _, *more in lines:
        if what == "claimed":
            found.taken_over += claims.get(holder, False)
            claims[holder] = False
            holder, claims[pid] = pid, True
        elif what == "finished":
            claims[pid] = False
        else:
            number, marker = int(more[0]), more[1]
            found.notes += 1
            found.doubles += marker in markers
            markers.add(marker)
            if pid != holder:
                found.overlaps.append(f"ticket {ticket}: {pid} wrote on message {number} while {holder} had claimed it")
            if number < newest:
                found.order.append(f"ticket {ticket}: a note on message {number} after one on {newest}")
            newest = max(newest, number)


def _check_rows(connection: Connection, ticket: str, number: int, found: Found) -> None:
    """Runs take deliveries in receive order, on a ticket that is not older than they are; the last one saw it all."""
    last_seq = 0
    of_runs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = connection.execute(
        select(delivery_table.c.seq, delivery_table.c.run_id, delivery_table.c.delivery_key)
        .where(delivery_table.c.external_id == ticket)
        .order_by(delivery_table.c.seq)
    )
    for seq, run_id, key in rows:
        of_runs[run_id or ""].append((seq, key))
    run_rows = connection.execute(
        select(run_table.c.id, run_table.c.token, run_table.c.ticket, run_table.c.covers_seq)
        .where(run_table.c.external_id == ticket)
        .order_by(run_table.c.token)
    ).all()
    covered = 0
    for row in run_rows:
        covers = of_runs.get(row.id, [])
        found.runs += 1
        if row.covers_seq < covered:
            found.order.append(f"ticket {ticket}: a later run covers less")
        covered = row.covers_seq
        if not covers:
            continue
        if covers[0][0] < last_seq:
            found.order.append(f"ticket {ticket}: delivery {covers[0][0]} was taken after {last_seq}")
        last_seq = covers[-1][0]
        if row.ticket is not None:
            read = _number_of(loads(Ticket, row.ticket))
            if read < max(int(key.partition("-")[2]) for _, key in covers):
                found.order.append(f"ticket {ticket}: a run read message {read} and covers a newer one")
    kept = connection.execute(select(ticket_table.c.snapshot).where(ticket_table.c.external_id == ticket)).scalar_one()
    if kept is None or _number_of(loads(Ticket, kept)) != number:
        found.order.append(f"ticket {ticket}: the last run saw another message than the newest, {number}")


def _number_of(ticket: Ticket) -> int:
    return int(ticket.messages[-1].external_id.removeprefix("m"))


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
