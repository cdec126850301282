"""A whole Deskhand around one stand-in helpdesk, in this process: real HTTP between them, a real database, real jobs where the
queue is Redis (tests/harness/storage.py), no child processes.

with deskhand(tmp_path, "zendesk") as run: ticket = run.desk.create_ticket(...); run.settle(); run.desk.view(ticket)
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select, update

from adapters.ticket import TicketKey, TicketKind
from bot.config import Config, load
from bot.drafts import Draft, DraftAsk, Drafter
from bot.opinions.request import Opinions
from bot.pipeline.claim import run_ticket
from bot.runtime.bootstrap import Runtime, make_runtime
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import accounts, runs, tickets
from bot.store.database.engine import reading
from bot.store.database.schema import tickets as ticket_table
from rules.engine.ruleset import RuleSet
from sandbox.desk import Desk, TicketView
from sandbox.freshdesk import FreshdeskDesk, Limits
from sandbox.intercom.desk import IntercomDesk
from sandbox.serve import running
from sandbox.stories.config import SECRETS, write_config
from sandbox.zendesk import ZendeskDesk
from tests.harness import storage
from tests.harness.receiving import receiving
from tests.harness.storage import Jobs
from webhooks import create_app


class UnlimitedFreshdesk(FreshdeskDesk):
    """Without a plan's limit, unless one is given: how many credits a test spends is mostly no matter."""

    def __init__(self, *args: Any, limits: Limits | None = None, **options: Any) -> None:
        super().__init__(*args, limits=limits or Limits(per_minute=None), **options)


DESKS: dict[str, type[Desk]] = {"zendesk": ZendeskDesk, "intercom": IntercomDesk, "freshdesk": UnlimitedFreshdesk}
PROVIDERS = tuple(DESKS)
RULES = Path(__file__).parent / "rules.yaml"
WIDE_S = 600.0  # on a busy machine too nobody loses a ticket, and nothing is read again, because a test took its time
FLOW = {
    "rest_s": 0.05,
    "rest_most_s": 0.05,
    "settle_s": 0.3,
    "backoff_first_s": 0.1,
    "backoff_most_s": 0.5,
    "lease_s": WIDE_S,
    "snapshot_fresh_s": WIDE_S,
}
PATIENT = {"patience_s": 60.0, "urgent_patience_s": 60.0}  # a draft that is written at once is in the first note
NINA = "nina.network@northwind.example"
ANNA = "anna.agent@example.com"


DELIVERED_S = 60.0  # a busy machine takes its time


def delivered(desk: Desk) -> None:
    """Until all webhooks are answered or given up. Raises TimeoutError: what goes on without them tests something else."""
    if not desk.wait_idle(DELIVERED_S):
        raise TimeoutError("webhooks are still on their way")


class ScriptedDrafter:
    """Says the same each time, after a wait; counts how often it was asked."""

    def __init__(self, text: str = "We are on it and write again within the hour.", wait_s: float = 0.0) -> None:
        self.text = text
        self.wait_s = wait_s
        self.asked: list[DraftAsk] = []

    def draft(self, ask: DraftAsk) -> Draft:
        self.asked.append(ask)
        time.sleep(self.wait_s)
        return Draft(text=self.text, language="en")


@dataclass(slots=True)
class Running:
    """`desk`: the helpdesk; `parts`: what a worker holds; `settle` works until nothing is left to do."""

    provider: str
    desk: Desk
    parts: Runtime
    config: Config
    address: str
    jobs: Jobs | None = None  # where the queue is Redis

    def settle(self, timeout_s: float = 15.0) -> None:
        """Deliver every webhook and work until nothing waits but what is answered late.

        Raises TimeoutError with what is left when for so long nothing has happened: no run, no delivery.
        """
        ends_at, delivered = time.monotonic() + timeout_s, 0
        while time.monotonic() < ends_at:
            is_delivered = self.desk.wait_idle(5.0)
            with reading(self.parts.engine) as connection:
                ready, left = tickets.ready(connection), tickets.unfinished(connection) - tickets.put_off(connection)
            if is_delivered and not left and not ready:
                return
            before, delivered = delivered, len(self.desk.webhooks.attempts)
            if self.work_on(ready) or delivered > before:
                ends_at = time.monotonic() + timeout_s
            else:
                time.sleep(0.02)
        raise TimeoutError(f"{left} tickets still have work, {self._why()}: {self.newest_runs()}")

    def end_leases(self) -> None:
        """A worker has died: as when the time of its lease is over."""
        with self.parts.engine.begin() as connection:
            connection.execute(update(ticket_table).values(lease_boot="", lease_until=0))

    def _why(self) -> list[str]:
        """What each ticket waits for, as its last run said."""
        with reading(self.parts.engine) as connection:
            return [row.reason for row in connection.execute(select(ticket_table.c.reason).order_by(ticket_table.c.external_id))]

    def work_on(self, ready: Sequence[TicketKey]) -> bool:
        """Work on these, with Redis by the jobs that wait and, like the sweep, by a ring for each; False where nothing was."""
        if self.jobs is None:
            for key in ready:
                run_ticket(key, self.parts)
            return bool(ready)
        if self.jobs.work(self.parts):
            return True
        for key in ready:
            self.parts.bell.ring(key)
        return bool(ready)

    def poll(self) -> int:
        """The reconcile poll of the account, now: how many tickets it found that no webhook had told of."""
        delivered(self.desk)
        parts = TickerParts(
            config=self.config, engine=self.parts.engine, bell=self.parts.bell, clock=self.parts.clock, owner="poll"
        )
        account = self.config.settings.account(self.provider)
        with self.parts.engine.begin() as connection:
            accounts.keep_poll(connection, self.provider, "", self.parts.clock() - timedelta(days=1))
        return Ticker(parts).reconcile(account)

    def key(self, ticket: str) -> TicketKey:
        kind = TicketKind.CONVERSATION if self.provider == "intercom" else TicketKind.TICKET
        return TicketKey(self.provider, kind, ticket)

    def view(self, ticket: str) -> TicketView:
        return self.desk.view(ticket)

    def priority(self, ticket: str) -> str:
        """As an agent finds it: Intercom's API up to 2.16 writes none, so there a tag carries it (docs/providers/intercom.md)."""
        view = self.desk.view(ticket)
        carried = [tag.removeprefix("priority-") for tag in view.tags if tag.startswith("priority-")]
        return carried[0] if carried and self.provider == "intercom" else view.priority

    def newest_facts(self, ticket: str) -> dict[str, Any]:
        """Of the newest run that decided."""
        found: dict[str, Any] = next(json.loads(row["facts"]) for row in self.newest_runs(ticket) if row["facts"])
        return found

    def newest_runs(self, ticket: str | None = None) -> list[Any]:
        with self.parts.engine.begin() as connection:
            newest = runs.newest(connection, 50, self.key(ticket) if ticket else None)
            return [whole for row in newest if (whole := runs.find(connection, row["id"]))]

    def requests(self, ticket: str) -> list[runs.StoredRequest]:
        found = self.newest_runs(ticket)  # before the next transaction: two at once would wait for each other
        with self.parts.engine.begin() as connection:
            return [each for row in found for each in runs.of_run(connection, row["id"])]


def _without_disk(parts: Runtime) -> None:
    """Nobody pulls the plug here: a commit on SQLite need not wait until the disk, which other tests write to, has it."""
    if parts.engine.dialect.name == "sqlite":
        event.listen(parts.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        parts.engine.dispose()


def _end(asks: Opinions) -> None:
    """Before the engine goes: a thread that asks would open the database again, and leave its connection to the collector."""
    assert asks.close(60.0), "a model's endpoint holds a thread that asks for an opinion"


def to_shadow(run: Running) -> None:
    """From now on its account is in shadow mode."""
    account = run.config.settings.accounts[0].model_copy(update={"mode": "shadow"})
    object.__setattr__(run.config, "settings", run.config.settings.model_copy(update={"accounts": (account,)}))


# Routes are compiled through `ast.parse`, which Python 3.11 must not do in two threads at once
# (https://github.com/python/cpython/issues/106905): "AST constructor recursion depth mismatch".
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def deskhand(
    folder: Path,
    provider: str,
    *,
    drafter: Drafter | None = None,
    rules: str | Sequence[str] = str(RULES),
    flow: dict[str, Any] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    desk: Desk | None = None,
    database: str | None = None,
    queue: str | None = None,
    loaded: RuleSet | None = None,
    **settings: Any,
) -> Iterator[Running]:
    """Deskhand with one live account named like its provider. `settings` go into config.yaml.

    `database`: the URL of one with our tables, `queue`: "embedded" or a Redis URL; else what tests/harness/both_storages.py
    chose, and elsewhere SQLite and the embedded queue. `loaded`: what `rules` name, where it is loaded already.
    """
    files = [rules] if isinstance(rules, str) else list(rules)
    desk = desk or DESKS[provider](secret=SECRETS[provider], time_scale=0.001)
    with ExitStack() as stack:
        with _ONE_AT_A_TIME:
            address = stack.enter_context(running(desk))
        stored = {} if database and queue else storage.chosen().settings(folder)
        stored |= {name: value for name, value in (("database", database), ("queue", queue)) if value}
        settings = {**settings, "rules": files, "flow": {**FLOW, **(flow or {})}, **stored}
        if "model" not in settings:  # the drafter is ours: articles would be read for nobody
            settings = {**settings, "drafts": PATIENT | settings.get("drafts", {})}
        config = load(write_config(folder, {provider: address}, 0, clock(), **settings), {})
        if "database" not in stored:
            storage.put_tables_into(folder)
        parts = make_runtime(config, clock, loaded)
        parts.drafter = drafter or ScriptedDrafter()
        if parts.opinions is not None:
            stack.callback(_end, parts.opinions)
        _without_disk(parts)
        jobs = None if config.settings.queue == "embedded" else Jobs(config.settings.queue)
        with _ONE_AT_A_TIME:
            app = create_app(config, parts.engine, clock)
        receiver = stack.enter_context(receiving(app))
        desk.webhooks.target = f"{receiver}/webhooks/{provider}"
        yield Running(provider, desk, parts, config, receiver, jobs)
        if jobs is not None:
            jobs.close()
    parts.engine.dispose()
