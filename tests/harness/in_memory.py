"""A helpdesk in memory behind the adapters' port, and workers over a real SQLite file: a whole run in milliseconds.

The desk keeps one account's tickets, applies requests as a vendor does (with a conditional write or without one), and goes wrong
as it is told. Time stands still until a test lets it pass; leases and rests in the database pass with it.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, update

from adapters.codec import dumps, loads, to_json
from adapters.errors import AccessDenied, HelpdeskDown, Outdated, RateLimited, TicketGone
from adapters.helpdesk import Account, Adapter, Helpdesk, PollPage
from adapters.ticket import (
    Agent,
    AuthorKind,
    Direction,
    Event,
    EventType,
    Message,
    MessageKind,
    Priority,
    Provider,
    Status,
    Team,
    Ticket,
    TicketKey,
    TicketKind,
    Visibility,
)
from adapters.writes import (
    AddTags,
    Capability,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    Reply,
    Request,
    Result,
    SetPriority,
    Support,
    Write,
)
from bot.config import AccountSettings, Config, Settings
from bot.directory import Directory
from bot.runtime.bootstrap import Runtime
from bot.runtime.retry import RetryLater
from bot.store import deliveries, runs, tickets
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from bot.store.database.schema import requests as request_table
from bot.store.database.schema import tickets as ticket_table
from bot.store.deliveries import Incoming
from bot.store.tickets import Lease
from bot.writes import ledger, planner
from bot.writes.work import Work
from rules.engine.ruleset import RuleSet
from rules.files.sources import read_sources
from rules.loading.load import load_rules
from tests.harness.deskhand import ScriptedDrafter

KEY = TicketKey("acme", TicketKind.TICKET, "42")
START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
US = Agent(external_id="7", name="Deskhand", email="deskhand.bot@example.com", is_bot=True)
ANNA = Agent(external_id="8", name="Anna Agent", email="anna.agent@example.com")
TEAMS = (Team(external_id="t1", name="Tier 1"), Team(external_id="t2", name="Tier 2"))
MARKER = "MARKER01"
NOTE = Note(html=f"<p>id {MARKER}</p>", marker=MARKER)
URGENT = SetPriority(priority=Priority.URGENT)
VIP = AddTags(tags=frozenset({"vip"}))
FLOW = {"settle_s": 10.0, "lease_s": 15.0, "rest_s": 0.0, "backoff_first_s": 1.0, "backoff_most_s": 2.0, "snapshot_fresh_s": 0.0}


class Killed(BaseException):
    """The worker died here: nothing of it runs any more, as after SIGKILL."""


class SilentBell:
    def __init__(self) -> None:
        self.rung: list[TicketKey] = []

    def ring(self, key: TicketKey) -> bool:
        self.rung.append(key)
        return True


@dataclass(slots=True)
class Desk:
    """A helpdesk account. `faults`, `read_faults`: what the next writes and reads come to, "" for well (see `_fault`, `_read`).

    `before(verb)` is called before each call: an agent may act there. `after_send()` when a write is applied and not answered.
    """

    is_conditional: bool = False
    now: datetime = START
    tickets: dict[TicketKey, Ticket] = field(default_factory=dict)
    past: list[tuple[datetime, dict[TicketKey, Ticket]]] = field(default_factory=list)
    late: list[tuple[datetime, Request]] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    read_faults: deque[str] = field(default_factory=deque)
    before: Callable[[str], None] = lambda verb: None
    after_send: Callable[[], None] = lambda: None
    may_write: Callable[[], None] = lambda: None
    applied: list[Request] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    pages: list[PollPage | Exception] = field(default_factory=list)
    polled_from: list[str] = field(default_factory=list)
    grain_s: float = 0.0
    last_id: int = 100

    def __post_init__(self) -> None:
        made = Ticket(account=KEY.account, external_id=KEY.external_id, subject="It is down", status=Status.OPEN)
        self.put(replace(made, created_at=self.now))

    # what people do

    def put(self, ticket: Ticket) -> None:
        """The ticket as it is from now on, with a new version."""
        self.last_id += 1
        self.past.append((self.now, dict(self.tickets)))
        self.tickets[ticket.key] = replace(ticket, version=str(self.last_id) if self.is_conditional else "", updated_at=self.now)

    @property
    def ticket(self) -> Ticket:
        return self.tickets[KEY]

    def edit(self, **fields: Any) -> None:
        self.put(replace(self.ticket, **fields))

    def say(self, words: str, *, by: Agent | None = None, is_public: bool = True, marker: str = "", key: TicketKey = KEY) -> str:
        """A message of the customer, or of an agent (or of us); its id."""
        kind = MessageKind.MESSAGE if is_public else MessageKind.NOTE
        direction = Direction.NONE if not is_public else (Direction.OUT if by else Direction.IN)
        message = Message(
            external_id=str(self.last_id + 1),
            author_kind=AuthorKind.AGENT if by else AuthorKind.PERSON,
            author_id=by.external_id if by else "c1",
            direction=direction,
            visibility=Visibility.PUBLIC if is_public else Visibility.INTERNAL,
            kind=kind,
            body_text=words,
            body_html=words,
            created_at=self.now,
            is_ours=by is US,
        )
        self.put(replace(self.tickets[key], messages=(*self.tickets[key].messages, message)))
        return message.external_id

    def notes(self, marker: str = MARKER) -> list[str]:
        """The ids of our notes with this marker."""
        return [
            each.external_id for each in self.ticket.messages if each.is_ours and not each.is_public and marker in each.body_html
        ]

    def replies(self) -> list[str]:
        return [each.body_text for each in self.ticket.messages if each.is_ours and each.is_public]

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what was late lands meanwhile."""
        until = self.now + timedelta(seconds=seconds)
        for at, request in sorted((each for each in self.late if each[0] <= until), key=lambda each: each[0]):
            self.late.remove((at, request))
            self.now = max(self.now, at)
            self._apply(request)
        self.now = until

    # what the adapter's port asks

    def hydrate(self, key: TicketKey) -> Ticket:
        self._called("hydrate")
        ticket = self._read(self.read_faults.popleft() if self.read_faults else "", key)
        return replace(ticket, read_at=self.now)

    def _read(self, fault: str, key: TicketKey) -> Ticket:
        name, _, seconds = fault.partition(":")
        if name == "stale":
            seen = [state for at, state in self.past if at > self.now - timedelta(seconds=float(seconds))]
            return (seen[0] if seen and key in seen[0] else self.tickets)[key]
        _raise(name)
        if key not in self.tickets:
            raise TicketGone
        return self.tickets[key]

    def find_marker(self, key: TicketKey, marker: str) -> str | None:
        self._called("find_marker")
        ticket = self._read(self.read_faults.popleft() if self.read_faults else "", key)
        found = (each.external_id for each in reversed(ticket.messages) if each.is_ours and marker in each.body_html)
        return next(found, None)

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        """With a conditional write: everything but replies in one request. Else: fields, then each note and reply by itself."""
        places = range(len(plan.writes))
        said = [place for place in places if isinstance(plan.writes[place].write, Note | Reply)]
        apart = [place for place in said if not self.is_conditional or isinstance(plan.writes[place].write, Reply)]
        together = [place for place in places if place not in apart]
        groups = [group for group in (together, *([place] for place in apart)) if group]
        return [self._request(plan, ticket, number, group) for number, group in enumerate(groups)]

    def _request(self, plan: Plan, ticket: Ticket, number: int, group: list[int]) -> Request:
        writes = [plan.writes[place].write for place in group]
        return Request(
            ticket=ticket.key,
            number=number,
            operation="+".join(write.kind for write in writes),
            arguments={"writes": to_json([PlannedWrite(write=write) for write in writes]), "version": ticket.version},
            writes=tuple(group),
            is_repeatable=not any(isinstance(write, Note | Reply) for write in writes),
            is_conditional=self.is_conditional,
            is_public=any(isinstance(write, Reply) for write in writes),
            marker=next((write.marker for write in writes if isinstance(write, Note)), ""),
        )

    def send(self, request: Request) -> Outcome:
        self._called("send")
        self.may_write()
        return self._fault(self.faults.popleft() if self.faults else "", request)

    def _fault(self, fault: str, request: Request) -> Outcome:
        name, _, seconds = fault.partition(":")
        _raise(name)
        match name:
            case "lost":
                return Outcome(result=Result.UNKNOWN, reason="connection lost")
            case "late":
                self.late.append((self.now + timedelta(seconds=float(seconds)), request))
                return Outcome(result=Result.UNKNOWN, reason="connection lost")
            case "conflict":
                self.edit()
                return Outcome(result=Result.CONFLICT)
            case "rejected":
                return Outcome(result=Result.REJECTED, reason="the vendor refused it")
            case "not_applied":
                return Outcome(result=Result.CONFIRMED, not_applied=request.writes)
        done = self._apply(request)
        self.after_send()
        return Outcome(result=Result.UNKNOWN, reason="connection lost") if name == "answer_lost" else done

    def _apply(self, request: Request) -> Outcome:
        if request.ticket not in self.tickets:
            raise TicketGone
        ticket = self.tickets[request.ticket]
        if self.is_conditional and request.arguments["version"] != ticket.version:
            return Outcome(result=Result.CONFLICT)
        self.applied.append(request)
        writes = [each.write for each in loads(tuple[PlannedWrite, ...], dumps(request.arguments["writes"]))]
        left = planner.with_people(planner.after(ticket, writes), writes, lambda: TEAMS, lambda: (ANNA, US))
        self.put(left)
        said = ""
        for write in writes:
            match write:
                case Note(html=html):
                    said = self.say(html, by=US, is_public=False, key=request.ticket)
                case Reply(text=text):
                    said = self.say(text, by=US, key=request.ticket)
                case _:
                    pass
        return Outcome(result=Result.CONFIRMED, external_id=said)

    def poll(self, cursor: str) -> PollPage:
        self._called("poll")
        self.polled_from.append(cursor)
        page = self.pages.pop(0) if self.pages else PollPage(events=(), cursor=cursor)
        if isinstance(page, Exception):
            raise page
        return page

    def _called(self, verb: str) -> None:
        self.calls.append(verb)
        self.before(verb)

    def helpdesk(self) -> Helpdesk:
        provider = Provider.ZENDESK if self.is_conditional else Provider.FRESHDESK
        adapter = Adapter(
            provider=provider,
            stamp_grain_s=self.grain_s,
            capabilities=_Everything(),
            verify=_unused,
            parse=_unused,
            connect_api=_unused,
            hydrate=lambda key, api: self.hydrate(key),
            to_requests=lambda plan, ticket, api: self.to_requests(plan, ticket),
            send=lambda request, api: self.send(request),
            find_marker=lambda key, marker, api: self.find_marker(key, marker),
            poll=lambda cursor, now, api: self.poll(cursor),
            me=lambda api: US,
            macros=lambda api: [],
            preview=_unused,
            teams=lambda api: list(TEAMS),
            agents=lambda api: [ANNA, US],
        )
        return Helpdesk(adapter, Account(name=KEY.account, provider=provider, address="http://127.0.0.1:1"), None)


class _Everything(dict[str, Capability]):
    def __missing__(self, kind: str) -> Capability:
        return Capability(support=Support.YES)


def _unused(*given: Any) -> Any:
    raise AssertionError("the fast desk is not asked this")


def _raise(name: str) -> None:
    errors = {
        "gone": TicketGone(),
        "limited": RateLimited(1.0),
        "down": HelpdeskDown("down"),
        "denied": AccessDenied("401"),
        "outdated": Outdated(),
    }
    if name in errors:
        raise errors[name]


# a database and its workers


@cache
def template() -> Path:
    """A SQLite file with the tables, made once a process."""
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="dh-fast-")) / "template.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


def fast_engine(folder: Path) -> Engine:
    """A database of its own with the tables. Nothing survives a power cut: what these tests kill is the process."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "deskhand.sqlite3"
    shutil.copy(template(), path)
    engine = make_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA synchronous=OFF"))
    return engine


@cache
def rules_of(text: str) -> RuleSet:
    import tempfile

    path = Path(tempfile.mkdtemp(prefix="dh-fast-")) / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return load_rules(read_sources([str(path)], path.parent), {})


RULES = """
rules:
  - id: down
    when: {subject: {has: down}}
    then: [{raise_priority: urgent}, {add_tags: [vip]}, {add_note: Look at this.}]
"""


@dataclass(slots=True, kw_only=True)
class FastParts(Runtime):
    """Parts whose every account is the desk in memory."""

    desk: Desk

    def helpdesk(self, account: AccountSettings, may_write: Callable[[], None] | None = None) -> Helpdesk:
        self.desk.may_write = may_write or (lambda: None)
        return self.desk.helpdesk()


def fast_config(folder: Path, desk: Desk, flow: dict[str, Any] | None = None, **settings: Any) -> Config:
    account = {
        "name": KEY.account,
        "provider": "zendesk" if desk.is_conditional else "freshdesk",
        "address": "http://127.0.0.1:1",
        "allow_private": True,
        "credentials": {"email": US.email, "token": "t"} if desk.is_conditional else {"api_key": "k"},
        "webhook": {"secrets": ["a-secret-of-thirty-two-characters-x"]},
        "mode": "live",
    }
    made = Settings.model_validate(
        {"marker_key": "a-key-for-tests-and-nothing-else", "accounts": [account], "flow": {**FLOW, **(flow or {})}, **settings}
    )
    return Config(settings=made, path=folder / "config.yaml")


class Bench:
    """A desk, a database and one worker after the other."""

    def __init__(
        self, folder: Path, desk: Desk | None = None, *, rules: str = RULES, flow: dict[str, Any] | None = None, **settings: Any
    ) -> None:
        self.desk = desk or Desk()
        self.engine = fast_engine(folder)
        self.bell = SilentBell()
        self.die_at: dict[str, int] = {}  # checkpoint -> at the how manieth time
        self.reached: list[str] = []
        self.rested: list[float | None] = []  # for how long each request rested on its read
        self.parts = FastParts(
            config=fast_config(folder, self.desk, flow, **settings),
            engine=self.engine,
            rules=rules_of(rules),
            directory=Directory(),
            drafter=ScriptedDrafter(),
            bell=self.bell,
            clock=lambda: self.desk.now,
            checkpoint=self._checkpoint,
            desk=self.desk,
        )
        self.desk.after_send = lambda: self._checkpoint("request_sent")

    def _checkpoint(self, name: str) -> None:
        self.reached.append(name)
        left = self.die_at.get(name)
        if left is not None:
            self.die_at[name] = left - 1
            if left == 1:
                raise Killed(name)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for the desk, for our clock, and for what the database measures."""
        self.desk.pass_time(seconds)
        us = int(seconds * 1_000_000)
        with self.engine.begin() as connection:
            connection.execute(
                update(ticket_table).values(wake_at=ticket_table.c.wake_at - us, lease_until=ticket_table.c.lease_until - us)
            )
            connection.execute(update(request_table).values(sent_us=request_table.c.sent_us - us))

    # a stored plan, and the ledger alone

    def store(self, *writes: Write, run_id: str = "run-1", answered_html: str = "") -> None:
        """A plan for the ticket as it is now, stored as a run does it."""
        planned = tuple(PlannedWrite(write=write, rules=("r1",)) for write in writes)
        plan = Plan(ticket=KEY, writes=planned, run_id=run_id, answered_html=answered_html)
        ticket = replace(self.desk.ticket, read_at=self.desk.now)
        with self.engine.begin() as connection:
            tickets.mark_dirty(connection, KEY, self.desk.now)
            runs.start(connection, run_id, KEY, 1, 1, "live", self.desk.now)
            runs.keep_plan(connection, run_id, plan=dumps(plan), ticket=dumps(ticket), is_writing=True)
            runs.add_requests(connection, run_id, self.desk.to_requests(plan, ticket))

    def claim(self) -> Lease:
        with self.engine.begin() as connection:
            lease = tickets.claim(connection, KEY, "worker-1", self.parts.settings.flow.lease_s)
        assert lease is not None, "the ticket is not free"
        return lease

    def work(self, lease: Lease | None = None) -> Work:
        """What a worker holds that takes up the stored plan."""
        lease = lease or self.claim()
        with self.engine.begin() as connection:
            stored = runs.planned(connection, KEY)
        assert stored is not None
        return Work(
            parts=self.parts,
            lease=lease,
            helpdesk=self.desk.helpdesk(),
            run=stored,
            base=stored.ticket,
            ticket=stored.ticket,
            rest_on_read=self.rested.append,
        )

    def carry_out(self) -> list[Write]:
        """One worker's go; its lease is given back where it ends by itself."""
        work = self.work()
        try:
            return ledger.carry_out(work)
        except Killed:
            self.pass_time(self.parts.settings.flow.lease_s + 1)
            raise
        finally:
            with self.engine.begin() as connection:
                tickets.release(connection, work.lease, tickets.Rest(is_done=False))

    def to_the_end(self, most: int = 60) -> list[Write]:
        """Workers until one ends: they wait as told, die where they must, and come again. Raises Park, TicketGone."""
        for _ in range(most):
            try:
                return self.carry_out()
            except RetryLater as error:
                self.pass_time(error.after_s)
            except (RateLimited, HelpdeskDown, AccessDenied):
                self.pass_time(1.0)
            except Killed:
                pass
        raise AssertionError("it never ends")

    def requests(self, run_id: str = "run-1") -> Sequence[runs.StoredRequest]:
        with self.engine.begin() as connection:
            return runs.of_run(connection, run_id)

    def states(self) -> list[str]:
        return [each.state for each in self.requests()]

    # deliveries, and the whole pipeline

    def deliver(self, name: str, key: TicketKey = KEY, *, has_id: bool = True, actor: str | None = None) -> None:
        heard = Event(
            provider=self.desk.helpdesk().adapter.provider,
            type=EventType.OTHER,
            ticket=key,
            delivery_key=name,
            has_delivery_id=has_id,
            actor=actor,
        )
        incoming = Incoming(account=key.account, delivery_key=name, body=b"{}", events=(heard,), received_at=self.desk.now)
        with self.engine.begin() as connection:
            deliveries.store(connection, incoming)

    def close(self) -> None:
        self.engine.dispose()
