"""A bench with its ticker (`Swept`), and what a helpdesk's poll answers it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine, select

from adapters.helpdesk import Helpdesk, PollPage
from adapters.ticket import Event, EventType, Provider, TicketKey, TicketKind
from adapters.transport import Budget
from bot.config import AccountSettings, Config
from bot.process.clock import Clock
from bot.scheduler.ticker import Ticker, TickerParts
from bot.shared.helpdesk_clock import HelpdeskClock
from bot.store import accounts, tickets
from bot.store.database.schema import deliveries as delivery_table
from tests.harness.bench_in_memory import Bench, SilentBell
from tests.harness.desk_in_memory import KEY

OTHER = TicketKey("acme", TicketKind.TICKET, "43")
STRANGER = TicketKey("sold", TicketKind.TICKET, "1")  # of an account that the configuration has no more


class Swept:
    """A bench with its ticker. `own`: how the ticker's helpdesk is made."""

    def __init__(self, bench: Bench, owner: str = "ticker-1") -> None:
        self.bench = bench
        self.bell = SilentBell()
        self.engine = bench.engine
        self.parts = TickerParts(
            config=bench.parts.config, engine=bench.engine, bell=self.bell, clock=lambda: bench.desk.now, owner=owner
        )
        self.ticker = Ticker(self.parts)

    @property
    def account(self) -> AccountSettings:
        return self.parts.config.settings.accounts[0]

    def poll(self) -> int:
        return self.ticker.reconcile(self.account)

    def poll_due(self) -> int:
        """A poll, when its time has come."""
        self.poll()
        self.bench.pass_time(self.parts.flow.reconcile_every_s)
        return self.poll()

    def state(self) -> accounts.AccountState:
        with self.engine.begin() as connection:
            return accounts.state(connection, KEY.account)

    def heard(self) -> list[tuple[str, str]]:
        with self.engine.begin() as connection:
            rows = connection.execute(select(delivery_table.c.delivery_key, delivery_table.c.events).order_by("seq"))
            return [(row[0], row[1]) for row in rows]


def connecting(bench: Bench) -> Callable[..., Helpdesk]:
    """In place of the real client: the desk in memory, given what the real one wants."""

    def connect(
        config: Config, account: AccountSettings, engine: Engine, clock: Clock, budget: Budget, *, seen: HelpdeskClock
    ) -> Helpdesk:
        assert (config, account, engine) == (bench.parts.config, config.settings.accounts[0], bench.engine)
        assert clock() == bench.desk.now
        assert budget is not None
        seen.saw(clock())
        return bench.desk.helpdesk()

    return connect


def dirty(swept: Swept, key: TicketKey = KEY) -> None:
    with swept.engine.begin() as connection:
        tickets.mark_dirty(connection, key, swept.bench.desk.now)


def changed(key: TicketKey | None = KEY, at: datetime | None = None, name: str = "") -> Event:
    return Event(
        provider=Provider.FRESHDESK,
        type=EventType.TICKET_UPDATED,
        ticket=key,
        delivery_key=name or f"poll-{key}",
        occurred_at=at,
    )


def page(*events: Event, cursor: str = "c2", has_more: bool = False) -> PollPage:
    return PollPage(events=events, cursor=cursor, has_more=has_more)
