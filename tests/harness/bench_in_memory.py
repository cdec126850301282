"""Workers on the helpdesk in memory, over a real SQLite file: a whole run in milliseconds. Leases, rests and settle times in the
database pass with the desk's time alone: how long this machine takes is no matter.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from adapters.codec import dumps, to_json
from adapters.errors import AccessDenied, HelpdeskDown, RateLimited
from adapters.helpdesk import Helpdesk
from adapters.ticket import (
    Event,
    EventType,
    TicketKey,
)
from adapters.writes import (
    Plan,
    PlannedWrite,
    Write,
)
from bot.config import AccountSettings, Config, Settings
from bot.directory import Directory
from bot.drafts.note import NoteContent
from bot.runtime.bootstrap import Runtime
from bot.runtime.retry import RetryLater
from bot.store import deliveries, runs, tickets
from bot.store.database.engine import make_engine
from bot.store.database.lease_clock import LEASE_CLOCK
from bot.store.database.migrate import migrate
from bot.store.deliveries import Incoming
from bot.store.tickets import Lease
from bot.writes import ledger
from bot.writes.work import Work
from rules.engine.ruleset import RuleSet
from rules.files.sources import read_sources
from rules.loading.load import load_rules
from tests.harness.desk_in_memory import KEY, US, Desk
from tests.harness.deskhand import ScriptedDrafter

FLOW = {"settle_s": 10.0, "lease_s": 15.0, "rest_s": 0.0, "backoff_first_s": 1.0, "backoff_most_s": 2.0, "snapshot_fresh_s": 0.0}


class Killed(BaseException):
    """The worker died here: nothing of it runs any more, as after SIGKILL."""


class SilentBell:
    def __init__(self) -> None:
        self.rung: list[TicketKey] = []

    def ring(self, key: TicketKey) -> bool:
        self.rung.append(key)
        return True


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
        self._lease_us = 1  # what is 0 in the database has always passed
        self.engine.update_execution_options(**{LEASE_CLOCK: lambda: self._lease_us})
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
        self._lease_us += int(seconds * 1_000_000)

    # a stored plan, and the ledger alone

    def store(
        self,
        *writes: Write,
        run_id: str = "run-1",
        answered_html: str = "",
        content: NoteContent | None = None,
        by: str = "r1",
        after_reply: Collection[Write] = (),
    ) -> None:
        """A plan for the ticket as it is now, stored as a run does it. `content`: of its note; `by`: the rule of its writes;
        `after_reply`: those of them that only its public reply makes right."""
        planned = tuple(PlannedWrite(write=write, rules=(by,), after_reply=write in after_reply) for write in writes)
        plan = Plan(ticket=KEY, writes=planned, run_id=run_id, answered_html=answered_html, note_content=to_json(content))
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
        """Workers until one ends: they wait as told, die where they must, and come again. Raises DeadLetter, TicketGone."""
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
