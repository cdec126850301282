"""A whole Deskhand under attack: three stand-in helpdesks in this process, real receivers, workers and a ticker beside it.

with world(folder, starter, database="sqlite") as run: run.play(operations(seed), 1000); run.settle(); judge(run)
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import requests
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from adapters.ticket import TicketKey, TicketKind
from bot.config import Config, load
from bot.store import tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import accounts as account_table
from bot.store.database.schema import deliveries
from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.freshdesk.limits import Limits
from sandbox.serve import running
from sandbox.stories.config import SECRETS, write_config
from tests.chaos.fleet import Fleet, Job
from tests.chaos.generator import Operation
from tests.harness.deskhand import DESKS, PROVIDERS
from tests.harness.nursery import Spawned, Starter
from tests.harness.servers import OwnPostgres, free_port, own_postgres, wait_for

Database = Literal["sqlite", "postgresql"]
RULES = Path(__file__).parent / "rules.yaml"
MOST_WAITING = 250
TIME_SCALE = 0.005  # of the vendors' waits between deliveries: Freshdesk's half an hour is 9 s

# Short times, so that minutes hold what takes days. Loop cap and crash counts are lifted: nobody kills a worker every second.
FLOW: Mapping[str, Any] = {
    "rest_s": 2.0,
    "rest_most_s": 2.0,
    "lease_s": 3.0,
    "settle_s": 3.0,
    "sweep_every_s": 1.0,
    "reconcile_every_s": 4.0,
    "call_deadline_s": 3.0,
    "backoff_first_s": 0.5,
    "backoff_most_s": 3.0,
    "runs_per_hour": 100_000,
    "rule_firings_per_hour": 1_000_000,
    "runs_per_day": 100_000,
    "message_runs_per_hour": 100_000,
    "late_run_every_s": 0,
    "max_crashes": 30,
    "max_failures": 60,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A person changed a field of a ticket: `field` is priority or `tag:x` (taken off)."""

    provider: str
    ticket: str
    field: str
    at: datetime


@dataclass(slots=True)
class World:
    """`wrong_clock`: a file with the seconds by which workers' and ticker's clocks are wrong, see tests/chaos/clock.py.
    `settled_seq`: the newest delivery when nothing was left to do, which each wait for that says anew."""

    folder: Path
    config: Config
    engine: Engine
    desks: dict[str, Desk]
    fleet: Fleet
    port: int
    wrong_clock: Path
    postgres: OwnPostgres | None = None
    opened: dict[str, list[str]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    settled_seq: int = 0

    # what people do

    def play(self, stream: Iterable[Operation], deliveries: int, *, per_s: float, at_most_s: float = math.inf) -> None:
        """Do one operation after the other until so many deliveries were sent. `per_s`: deliveries a second at most; it waits
        while too many tickets have work."""
        started, before = time.monotonic(), self.sent()
        for operation in stream:
            done = self.sent() - before
            if done >= deliveries or time.monotonic() - started > at_most_s:
                return
            if operation.number % 10 == 0:
                self._wait_while(lambda: self.unfinished() > MOST_WAITING)
            if (ahead_s := done / per_s - (time.monotonic() - started)) > 0:
                time.sleep(ahead_s)
            self.do(operation)

    @contextmanager
    def playing(self, stream: Iterator[Operation], *, per_s: float) -> Iterator[None]:
        """`play` in a thread of its own while the block lasts. Raises what went wrong there."""
        over, wrong = threading.Event(), list[Exception]()

        def people() -> None:
            try:
                while not over.wait(3 / per_s):  # an operation brings some three deliveries
                    self.do(next(stream))
            except Exception as error:
                wrong.append(error)

        thread = threading.Thread(target=people, daemon=True, name="people")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if wrong:
            raise wrong[0]

    def do(self, operation: Operation) -> None:
        """One operation at its helpdesk, now."""
        desk, known = self.desks[operation.provider], self.opened.setdefault(operation.provider, [])
        ticket = known[operation.ticket] if operation.ticket < len(known) else ""
        words, person = operation.words, operation.person
        match operation.kind:
            case "new":
                known.append(desk.create_ticket(requester=person, subject=words, body="Nothing works since this morning."))
            case "reply":
                desk.customer_reply(ticket, words)
            case "agent_reply":
                desk.agent_reply(ticket, words, person)
            case "tags":
                desk.agent_update(ticket, agent=person, tags_add=[words])
            case "untag":
                self._untag(desk, ticket, words, person)
            case "priority":
                with desk.lock:
                    desk.agent_update(ticket, agent=person, priority=words)
                    self.edits.append(Edit(provider=desk.name, ticket=ticket, field="priority", at=desk.clock()))
            case "assignee":
                desk.agent_update(ticket, agent=person, assignee=words)
            case "again":
                sent = desk.webhooks.sent
                desk.webhooks.again(sent[min(int(operation.share * len(sent)), len(sent) - 1)])
            case "reorder":
                desk.webhooks.trouble.shuffle_s = operation.seconds

    def _untag(self, desk: Desk, ticket: str, tag: str, agent: str) -> None:
        with desk.lock:
            if tag in desk.view(ticket).tags:
                desk.agent_update(ticket, agent=agent, tags_remove=[tag])
                self.edits.append(Edit(provider=desk.name, ticket=ticket, field=f"tag:{tag}", at=desk.clock()))

    def sent(self) -> int:
        """How many different deliveries the helpdesks have sent."""
        return sum(len(desk.webhooks.sent) for desk in self.desks.values())

    # looking

    def key(self, provider: str, ticket: str) -> TicketKey:
        return TicketKey(provider, TicketKind.CONVERSATION if provider == "intercom" else TicketKind.TICKET, ticket)

    def unfinished(self) -> int:
        """How many tickets have work; counted again where the database is just being harmed."""
        for _ in range(200):
            try:
                with reading(self.engine) as connection:
                    return tickets.unfinished(connection)
            except SQLAlchemyError:
                time.sleep(0.1)
        raise TimeoutError("the database stayed away")

    def settle(self, timeout_s: float = 180.0) -> None:
        """Trouble is over: until all deliveries are in or given up, two polls have looked for the lost ones, and no ticket has
        work. Raises TimeoutError with what is left."""
        for desk in self.desks.values():
            desk.faults.reset()
            desk.webhooks.trouble.shuffle_s = 0.0
        ends_at = time.monotonic() + timeout_s
        self._deliver_all(ends_at)
        for _ in range(2):
            self._wait_for_polls(datetime.now(UTC), ends_at)
            self._deliver_all(ends_at)

    def finish_work(self, timeout_s: float) -> None:
        """Until all deliveries are in and no ticket has work. Raises TimeoutError."""
        self._deliver_all(time.monotonic() + timeout_s)

    def _deliver_all(self, ends_at: float) -> None:
        while time.monotonic() < ends_at:
            is_idle = all(desk.wait_idle(1.0) for desk in self.desks.values())
            newest = self._newest_delivery()
            if is_idle and not self.unfinished() and all(desk.wait_idle(0.0) for desk in self.desks.values()):
                self.settled_seq = newest
                return
            time.sleep(0.1)
        raise TimeoutError(f"{self.unfinished()} tickets still have work")

    def _newest_delivery(self) -> int:
        with reading(self.engine) as connection:
            return connection.execute(select(func.max(deliveries.c.seq))).scalar_one() or 0

    def _wait_for_polls(self, since: datetime, ends_at: float) -> None:
        def polled() -> bool:
            with reading(self.engine) as connection:
                rows = connection.execute(select(account_table.c.polled_at)).scalars().all()
            return len(rows) == len(self.desks) and all(at is not None and since < at <= datetime.now(UTC) for at in rows)

        wait_for("a poll of every account", polled, ends_at - time.monotonic())

    @staticmethod
    def _wait_while(is_so: Callable[[], bool]) -> None:
        while is_so():
            time.sleep(0.1)


@contextmanager
def world(
    folder: Path,
    starter: Starter,
    *,
    database: Database = "sqlite",
    workers: int = 6,
    flow: Mapping[str, Any] | None = None,
    providers: Iterable[str] = PROVIDERS,
    only: Iterable[str] = (),
    **settings: Any,
) -> Iterator[World]:
    """Everything running. `settings` go into config.yaml; `only`: start these processes, and leave the others to
    the caller (`run.fleet.start()`)."""
    with ExitStack() as stack:
        desks = {name: _desk(name) for name in providers}
        addresses = {name: stack.enter_context(running(desk)) for name, desk in desks.items()}
        postgres = stack.enter_context(own_postgres(synchronous_commit="on")) if database == "postgresql" else None
        if postgres is not None:
            settings["database"] = _own_database(postgres)
        port = free_port()
        given = {"rules": [str(RULES)], "flow": {**FLOW, **(flow or {})}, "log_level": "warning", **settings}
        given["server"] = {"host": "127.0.0.1", "port": port, "workers": 2, **given.get("server", {})}
        path = write_config(folder, addresses, port, datetime.now(UTC), **given)
        config = load(path, {})
        engine = make_engine(config.database_url)
        stack.callback(engine.dispose)
        migrate(engine)
        wrong = folder / "wrong-clock"
        fleet = Fleet(starter, _jobs(path, workers, None if isinstance(starter, Spawned) else wrong), folder)
        run = World(folder, config, engine, desks, fleet, port, wrong, postgres)
        for name, desk in desks.items():
            desk.webhooks.target = f"http://127.0.0.1:{port}/webhooks/{name}"
        fleet.start(only)
        stack.callback(fleet.end)
        wait_for("the receiver's start", lambda: answers(port))
        yield run


def _desk(name: str) -> Desk:
    """No plan limits: what the stand-ins refuse is ordered by the nemesis."""
    options: dict[str, Any] = {"secret": SECRETS[name], "time_scale": TIME_SCALE}
    desk = FreshdeskDesk(limits=Limits(per_minute=None), **options) if name == "freshdesk" else DESKS[name](**options)
    desk.webhooks.timeout_s = 5.0
    return desk


def _jobs(config: Path, workers: int, clock: Path | None) -> dict[str, Job]:
    arguments = ("--config", str(config))
    jobs = {
        "receiver": Job(module="webhooks", arguments=arguments),
        "ticker": Job(module="worker", arguments=(*arguments, "--ticker"), clock=clock),
    }
    for number in range(1, workers + 1):
        jobs[f"worker-{number}"] = Job(module="worker", arguments=(*arguments, "--no-ticker"), clock=clock)
    return jobs


def _own_database(server: OwnPostgres) -> str:
    engine = create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("create database deskhand"))
    engine.dispose()
    return server.url.set(database="deskhand").render_as_string(hide_password=False)


def answers(port: int) -> bool:
    """Whether a receiver listens there."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=2).ok
    except requests.RequestException:
        return False
