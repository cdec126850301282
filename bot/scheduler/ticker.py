"""What time brings: bells that nobody heard are rung again, due times become events, lost drafts are asked for again, and a
poll per account finds what no webhook told us; rule files that changed are taken up. Any number of tickers may run; a lock in the
database lets one work.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.errors import AdapterError
from adapters.helpdesk import Helpdesk
from adapters.ticket import Event, EventType, Provider, Ticket, TicketKey
from bot.config import AccountSettings, Config, FlowSettings
from bot.log import get_logger
from bot.maintenance.retention import Sweep
from bot.pipeline.draft_request import Late, internal
from bot.process.clock import Clock
from bot.queue.wakeup import Wakeup, ring_all, unanswered
from bot.rulesets.watcher import Watcher
from bot.runtime.account_identity import claimed
from bot.runtime.bootstrap import budget_of, connect
from bot.shared.helpdesk_clock import WRONG_S, HelpdeskClock, agreed, in_words
from bot.shared.rate_limit import SharedBudget
from bot.store import accounts, deliveries, drafts, due, system_times, tickets
from bot.store.database.engine import LOG_MOST_BYTES, reading, refresh_statistics, shorten_log
from bot.store.deliveries import Incoming, Receipt
from bot.store.helpdesks import clock_skews
from bot.store.models import opinions

log = get_logger("ticker")
LOCK = "ticker"
MAX_PAGES = 10
MAX_TRIES = 3
MAX_RINGS = 100
SHORTEN_EVERY_S = 60.0
POLL_AGAIN_S = 60.0
STAMP_GRAIN_S = 1.0
RETAIN_EVERY = timedelta(hours=6)
UNSEEN = timedelta(days=1)  # a machine that was off for longer waits for the first answer of a helpdesk
TOLD_EVERY = timedelta(minutes=1)
RETAIN_ASK_S = 60.0  # how often a ticker asks whether it is time


@dataclass(frozen=True, slots=True, kw_only=True)
class TickerParts:
    """What a ticker needs: no drafter, and of the rules only whether their files change."""

    config: Config
    engine: Engine
    bell: Wakeup
    clock: Clock
    owner: str

    @property
    def flow(self) -> FlowSettings:
        return self.config.settings.flow


class Ticker:
    """Looks at the clock and the database; `tick` may be called by any number of processes."""

    def __init__(self, parts: TickerParts) -> None:
        self._parts = parts
        self._budgets: dict[str, SharedBudget] = {}  # what is left of a chunk belongs to the next poll
        self._clocks = {each.name: HelpdeskClock(parts.engine, each.name, parts.clock) for each in parts.config.settings.accounts}
        self._clock_is_right = True
        self._known_helpdesks: set[str] = set()
        self._retention: Sweep | None = None
        self._retention_asked_at = float("-inf")
        self._shorten_at = float("-inf")
        self._watcher = Watcher(parts.engine, parts.config, parts.clock)

    def run(self, stopped: Callable[[float], bool]) -> None:
        """Tick until `stopped(seconds)` (which waits) is true."""
        while not stopped(min(1.0, self._parts.flow.sweep_every_s)):
            try:
                self.tick()
            except Exception as error:  # the next tick may find the database or the helpdesk well again
                log.error("tick.failed", why=type(error).__name__)

    def tick(self) -> None:
        """One look at everything that is due, if this process holds the lock."""
        parts = self._parts
        with parts.engine.begin() as connection:
            if not accounts.hold_lock(connection, LOCK, parts.owner, 15.0):
                return
        is_right = self._ask_the_time()
        for step in (
            self.sweep,
            *([self.bring_due] if is_right else []),
            self.ask_again,
            self.give_up_opinions,
            self._watcher.look,
        ):
            self._safely(step)
        for account in parts.config.settings.accounts:
            self._reconcile_safely(account)
        if is_right:
            self._retain_safely()
        self._shorten_log()

    def _ask_the_time(self) -> bool:
        """Whether this machine's clock is right: by the answers of helpdesks, and before one has come, by not being a day
        past the last tick. While it is wrong nothing is deleted and no time has come; a poll, which asks again, goes on."""
        now = self._parts.clock()
        with self._parts.engine.begin() as connection:
            seen = [ahead for each in self._clocks.values() if (ahead := each.ahead_s()) is not None]
            seen = seen or [each.ahead_s for each in clock_skews.recent(connection, now)]
            last = system_times.last(connection, "ticked")
            ahead_s = agreed(seen)
            is_right = abs(ahead_s) <= WRONG_S if ahead_s is not None else last is None or abs(now - last) <= UNSEEN
            if is_right and (last is None or abs(now - last) >= TOLD_EVERY):
                system_times.keep(connection, "ticked", now)
        if is_right != self._clock_is_right:
            self._clock_is_right = is_right
            how = (
                in_words(ahead_s) + " the helpdesks" if ahead_s is not None else "more than a day past the last tick, unconfirmed"
            )
            log.warning("clock.doubted" if not is_right else "clock.right", how=how)
        return is_right

    def _shorten_log(self) -> None:
        """SQLite's log grows while somebody reads without an end, or always somebody: look after it each minute."""
        if time.monotonic() < self._shorten_at:
            return
        self._shorten_at = time.monotonic() + SHORTEN_EVERY_S
        left = shorten_log(self._parts.engine)
        if left > LOG_MOST_BYTES:
            log.warning("database.log_grows", mb=left // 1_000_000)

    def _safely(self, step: Callable[[], object]) -> None:
        """One step's trouble, whatever row is to blame, must not cost the others their turn."""
        try:
            step()
        except Exception as error:
            log.error("tick.failed", step=getattr(step, "__name__", ""), why=type(error).__name__)

    def _reconcile_safely(self, account: AccountSettings) -> None:
        """One account's trouble must not cost the others their poll, nor be tried again every second."""
        try:
            self.reconcile(account)
        except Exception as error:  # a vendor's odd page, or a fault of ours in reading it: the other accounts' polls go on
            log.error("poll.failed", account=account.name, why=type(error).__name__)
            with self._parts.engine.begin() as connection:
                cursor = accounts.state(connection, account.name).poll_cursor
                accounts.keep_poll(connection, account.name, cursor, self._parts.clock())

    def sweep(self) -> int:
        """Ring for tickets that could be worked on and are not, those that wait longest first; how many.

        While workers are behind, rings wait: to ring each second for the same tickets would fill the queue with repeats.
        """
        ours = [each.name for each in self._parts.config.settings.accounts]
        room = max(0, MAX_RINGS - unanswered(self._parts.bell))
        with reading(self._parts.engine) as connection:
            waiting = tickets.ready(connection, room, ours) if room else []
        ring_all(self._parts.bell, waiting)
        return len(waiting)

    def bring_due(self) -> int:
        """Turn times that have come into inbox events; how many."""
        now = self._parts.clock()
        with self._parts.engine.begin() as connection:
            rows = due.due_now(connection, now)
            for row in sorted(rows, key=lambda each: each.key):  # tickets are always marked in this order: see mark_all_dirty
                if (provider := self._provider_of(row.key)) is None:
                    due.close_due(connection, row.id)
                    continue
                event = Event(
                    provider=provider,
                    type=EventType.OTHER,
                    ticket=row.key,
                    delivery_key=f"internal:due:{row.id}",
                    kind_raw=row.what,
                    raw=row.payload,
                )
                deliveries.store(connection, internal(event, now, row.payload))
                due.close_due(connection, row.id)
        return len(rows)

    def ask_again(self) -> None:
        """Drafts whose process is gone come back as an event without a text: the ticket's next run asks anew, a few times."""
        parts, now = self._parts, self._parts.clock()
        settings = parts.config.settings.drafts
        # Whoever still works on a draft must have had time to bring it.
        patience_s = max(60.0, 3 * settings.patience_s, settings.model.timeout_s + 30.0 if settings.model else 0.0)
        with parts.engine.begin() as connection:
            lost = drafts.asked_before(connection, now - timedelta(seconds=patience_s))
            for row in lost:
                if row.tries >= MAX_TRIES:
                    reason = f"asked for {row.tries} times and never came"
                    drafts.move(connection, row.id, "withheld", now, decided_by="ticker", reason=reason)
                    log.warning("draft.given_up", ticket=str(row.key), draft=row.id, tries=row.tries)
        for row in lost:
            if row.tries < MAX_TRIES and (provider := self._provider_of(row.key)) is not None:
                Late(parts.engine, parts.bell, row.key, provider, now).bring(row.id, None)

    def give_up_opinions(self) -> None:
        """Opinions whose process is gone are asked for no more: the message was read without one."""
        settings = self._parts.config.settings.senses
        if settings.model is not None:
            before = self._parts.clock() - timedelta(seconds=max(60.0, settings.model.timeout_s + 30.0))
            with self._parts.engine.begin() as connection:
                opinions.give_up(connection, before)

    def _retain_safely(self) -> None:
        try:
            self.retain()
        except SQLAlchemyError as error:
            log.error("retention.failed", why=type(error).__name__)
            self._retention = None

    def retain(self) -> None:
        """A little of what goes because it is old; everything is looked at once in `RETAIN_EVERY`."""
        parts = self._parts
        if self._retention is None:
            if time.monotonic() - self._retention_asked_at < RETAIN_ASK_S:
                return
            self._retention_asked_at = time.monotonic()
            with reading(parts.engine) as connection:
                done_at = system_times.last(connection, "retention_done")
            if done_at is not None and done_at <= parts.clock() < done_at + RETAIN_EVERY:
                return
            self._retention = Sweep(parts.engine, parts.config.settings.retention, parts.clock())
        if not self._retention.step():
            self._retention = None
            with parts.engine.begin() as connection:
                system_times.keep(connection, "retention_done", parts.clock())
            if parts.engine.dialect.name == "sqlite":  # PostgreSQL does so by itself
                refresh_statistics(parts.engine)

    def _provider_of(self, key: TicketKey) -> Provider | None:
        """None for an account that was taken out of the configuration: what waits for it must not stop the others."""
        accounts_now = self._parts.config.settings.accounts
        return next((each.provider for each in accounts_now if each.name == key.account), None)

    def reconcile(self, account: AccountSettings) -> int:
        """Poll for tickets that changed and were not told of; how many were found. Quiet until it is due again."""
        parts, now = self._parts, self._parts.clock()
        with parts.engine.begin() as connection:
            state = accounts.state(connection, account.name)
            if state.polled_at is None:  # the first poll comes one interval after the start
                accounts.keep_poll(connection, account.name, state.poll_cursor, now)
                return 0
        waited_s = (now - state.polled_at).total_seconds()
        if 0 <= waited_s < parts.flow.reconcile_every_s or state.blocked_s > 0:
            return 0
        # The last poll lies ahead: the clock was wrong then or is now, and the cursor may come of it. Begin anew.
        return self._poll(account, state.poll_cursor if waited_s >= 0 else "", now)

    def _poll(self, account: AccountSettings, cursor: str, now: datetime) -> int:
        if account.name not in self._budgets:
            self._budgets[account.name] = budget_of(account, self._parts.engine, self._parts.flow)
        parts, budget, seen = self._parts, self._budgets[account.name], self._clocks[account.name]
        helpdesk = connect(parts.config, account, parts.engine, parts.clock, budget, seen=seen)
        found, is_whole = 0, False
        for _ in range(MAX_PAGES):
            try:
                claimed(helpdesk, parts.engine, self._known_helpdesks)
                page = helpdesk.poll(cursor, now)
            except AdapterError as error:
                log.warning("poll.failed", account=account.name, why=type(error).__name__)
                break
            found += self._store_unknown(helpdesk, page.events, now)
            cursor = page.cursor
            if is_whole := not page.has_more:
                break
        every_s = self._parts.flow.reconcile_every_s
        again_s = every_s if is_whole else min(every_s, POLL_AGAIN_S)  # the rest, or what failed, need not wait as long
        with self._parts.engine.begin() as connection:
            accounts.keep_poll(connection, account.name, cursor, now - timedelta(seconds=every_s - again_s))
        log.info("poll.done", account=account.name, found=found)
        return found

    def _store_unknown(self, helpdesk: Helpdesk, events: tuple[Event, ...], now: datetime) -> int:
        """Store an event for each ticket that changed after the snapshot that we have of it."""
        found = 0
        for event in events:
            if event.ticket is None:
                continue
            with self._parts.engine.begin() as connection:
                snapshot, _ = tickets.snapshot(connection, event.ticket)
                if _is_known(snapshot, event.occurred_at):
                    continue
                incoming = Incoming(
                    account=helpdesk.account.name,
                    delivery_key=f"internal:poll:{event.delivery_key}{_read_at(snapshot)}",
                    body=b"{}",
                    events=(event,),
                    received_at=now,
                )
                found += deliveries.store(connection, incoming) is Receipt.STORED
            self._parts.bell.ring(event.ticket)
        return found


def _is_known(snapshot: Ticket | None, changed_at: datetime | None) -> bool:
    if snapshot is None or snapshot.updated_at is None or changed_at is None:
        return False
    # Stamps count whole seconds: a read within the stamp's own second may have come before the change.
    read_s = (snapshot.read_at - snapshot.updated_at).total_seconds() if snapshot.read_at else 0.0
    return changed_at < snapshot.updated_at or (changed_at == snapshot.updated_at and read_s >= STAMP_GRAIN_S)


def _read_at(snapshot: Ticket | None) -> str:
    """What tells two changes within one second of the helpdesk's apart, where the ticket was read between them."""
    return f":{snapshot.read_at.timestamp():.3f}" if snapshot and snapshot.read_at else ""
