"""How far this machine's clock is from each helpdesk's, in the `accounts` table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot.store import accounts
from bot.store.database.schema import accounts as table

RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """`ahead_s`: seconds that our clock was ahead of the helpdesk's; below zero it was behind."""

    account: str
    ahead_s: float


def keep(connection: Connection, account: str, ahead_s: float, now: datetime) -> None:
    accounts.ensure(connection, account)
    connection.execute(update(table).where(table.c.account == account).values(clock_ahead_s=ahead_s, clock_seen_at=now))


def recent(connection: Connection, now: datetime) -> list[Skew]:
    """What was seen within the last hour by this machine's own clock, and by nobody's in the time to come."""
    seen = select(table.c.account, table.c.clock_ahead_s).where(
        table.c.clock_ahead_s.is_not(None), table.c.clock_seen_at > now - RECENT, table.c.clock_seen_at <= now + RECENT
    )
    return [Skew(account=row.account, ahead_s=row.clock_ahead_s) for row in connection.execute(seen.order_by(table.c.account))]
