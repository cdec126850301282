"""What time brings: bells that nobody heard are rung again, due times become events, lost drafts are asked for again, and a
poll per account finds what no webhook told us. Any number of tickers may run; a lock in the database lets one work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from adapters.errors import AdapterError
from adapters.helpdesk import Helpdesk
from adapters.ticket import Event, EventType, Provider, TicketKey
from bot.config import AccountSettings, Config, FlowSettings
from bot.flow.drafting import Late, internal
from bot.flow.parts import Clock, budget_of, connect
from bot.flow.wake import Bell
from bot.log import get_logger
from bot.store import accounts, deliveries, drafts, tickets
from bot.store.deliveries import Incoming, Receipt

log = get_logger("ticker")
LOCK = "ticker"
MAX_PAGES = 10
STAMP_GRAIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TickerParts:
    """What a ticker needs: no rules and no drafter."""

    config: Config
    engine: Engine
    bell: Bell
    clock: Clock
    owner: str

    @property
    def flow(self) -> FlowSettings:
        return self.config.settings.flow


class Ticker:
    """Looks at the clock and the database; `tick` may be called by any number of processes."""

    def __init__(self, parts: TickerParts) -> None:
        self._parts = parts

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
        self.sweep()
        self.bring_due()
        self.ask_again()
        for account in parts.config.settings.accounts:
            self._reconcile_safely(account)

    def _reconcile_safely(self, account: AccountSettings) -> None:
        """One account's trouble must not cost the others their poll, nor be tried again every second."""
        try:
            self.reconcile(account)
        except Exception as error:
            log.error("poll.failed", account=account.name, why=type(error).__name__)
            with self._parts.engine.begin() as connection:
                cursor = accounts.state(connection, account.name).poll_cursor
                accounts.keep_poll(connection, account.name, cursor, self._parts.clock())

    def sweep(self) -> int:
        """Ring for every ticket that could be worked on and is not; how many."""
        ours = [each.name for each in self._parts.config.settings.accounts]
        with self._parts.engine.begin() as connection:
            waiting = tickets.ready(connection, accounts=ours)
        for key in waiting:
            self._parts.bell.ring(key)
        return len(waiting)

    def bring_due(self) -> int:
        """Turn times that have come into inbox events; how many."""
        now = self._parts.clock()
        with self._parts.engine.begin() as connection:
            rows = drafts.due_now(connection, now)
            for row in rows:
                if (provider := self._provider_of(row.key)) is None:
                    drafts.close_due(connection, row.id)
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
                drafts.close_due(connection, row.id)
        return len(rows)

    def ask_again(self) -> None:
        """Drafts whose process is gone come back as an event without a text: the ticket's next run asks anew."""
        parts, now = self._parts, self._parts.clock()
        patience_s = max(60.0, 3 * parts.config.settings.drafts.patience_s)
        with parts.engine.begin() as connection:
            lost = drafts.asked_before(connection, now - timedelta(seconds=patience_s))
        for row in lost:
            if (provider := self._provider_of(row.key)) is not None:
                Late(parts.engine, parts.bell, row.key, provider, now).bring(row.id, None)

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
        if waited_s < parts.flow.reconcile_every_s or state.blocked_s > 0:
            return 0
        return self._poll(account, state.poll_cursor, now)

    def _poll(self, account: AccountSettings, cursor: str, now: datetime) -> int:
        budget = budget_of(account, self._parts.engine)
        helpdesk = connect(self._parts.config, account, self._parts.engine, self._parts.clock, budget)
        found = 0
        for _ in range(MAX_PAGES):
            try:
                page = helpdesk.poll(cursor, now)
            except AdapterError as error:
                log.warning("poll.failed", account=account.name, why=type(error).__name__)
                break
            found += self._store_unknown(helpdesk, page.events, now)
            cursor = page.cursor
            if not page.has_more:
                break
        with self._parts.engine.begin() as connection:
            accounts.keep_poll(connection, account.name, cursor, now)
        log.info("poll.done", account=account.name, found=found)
        return found

    def _store_unknown(self, helpdesk: Helpdesk, events: tuple[Event, ...], now: datetime) -> int:
        """Store an event for each ticket that changed after the snapshot that we have of it."""
        found = 0
        for event in events:
            if event.ticket is None or self._is_known(event.ticket, event.occurred_at):
                continue
            incoming = Incoming(
                account=helpdesk.account.name,
                delivery_key=f"internal:poll:{event.delivery_key}",
                body=b"{}",
                events=(event,),
                received_at=now,
            )
            with self._parts.engine.begin() as connection:
                receipt = deliveries.store(connection, incoming)
            found += receipt is Receipt.STORED
            self._parts.bell.ring(event.ticket)
        return found

    def _is_known(self, key: TicketKey, changed_at: datetime | None) -> bool:
        with self._parts.engine.begin() as connection:
            snapshot, _ = tickets.snapshot(connection, key)
        if snapshot is None or snapshot.updated_at is None or changed_at is None:
            return False
        # Stamps count whole seconds: a read within the stamp's own second may have come before the change.
        read_s = (snapshot.read_at - snapshot.updated_at).total_seconds() if snapshot.read_at else 0.0
        return changed_at < snapshot.updated_at or (changed_at == snapshot.updated_at and read_s >= STAMP_GRAIN_S)
