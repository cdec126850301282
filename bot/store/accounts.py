"""The `accounts`, `reference` and `locks` tables: what all workers of an installation share about a helpdesk account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, or_, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Json
from bot.store.clock import Tick, passed, tick
from bot.store.schema import accounts, locks, reference
from bot.store.tickets import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """`blocked_s`: seconds until calls are allowed again, 0 if they are. `held_reason`: what a person must mend, or ""."""

    blocked_s: float
    held_reason: str
    poll_cursor: str
    polled_at: datetime | None


def ensure(connection: Connection, account: str) -> None:
    connection.execute(insert_into(connection)(accounts).values(account=account).on_conflict_do_nothing())


def state(connection: Connection, account: str) -> AccountState:
    row = connection.execute(select(accounts).where(accounts.c.account == account)).one_or_none()
    if row is None:
        return AccountState(blocked_s=0.0, held_reason="", poll_cursor="", polled_at=None)
    now = tick(connection)
    until = Tick(row.blocked_boot, row.blocked_until)
    blocked_s = 0.0 if until.has_passed(now) else (until.us - now.us) / 1_000_000
    return AccountState(blocked_s=blocked_s, held_reason=row.held_reason, poll_cursor=row.poll_cursor, polled_at=row.polled_at)


def block(connection: Connection, account: str, seconds: float, held_reason: str = "") -> None:
    """No calls of any worker for `seconds`; a longer block that stands is kept."""
    ensure(connection, account)
    now = tick(connection)
    until = now.plus(seconds)
    shorter = or_(passed(accounts.c.blocked_boot, accounts.c.blocked_until, now), accounts.c.blocked_until < until.us)
    connection.execute(
        update(accounts).where(accounts.c.account == account, shorter).values(blocked_boot=until.boot, blocked_until=until.us)
    )
    connection.execute(update(accounts).where(accounts.c.account == account).values(held_reason=held_reason[:200]))


def take_tokens(connection: Connection, account: str, wanted: int, per_minute: int) -> tuple[int, float]:
    """Up to `wanted` calls of this minute's share, and else the seconds until the next minute: (given, wait_s)."""
    ensure(connection, account)
    now = tick(connection)
    row = connection.execute(select(accounts).where(accounts.c.account == account)).one()
    fresh = row.window_boot != now.boot or now.us - row.window_start >= 60_000_000
    start, used = (now.us, 0) if fresh else (row.window_start, row.window_used)
    given = max(0, min(wanted, per_minute - used))
    connection.execute(
        update(accounts)
        .where(accounts.c.account == account)
        .values(window_boot=now.boot, window_start=start, window_used=used + given)
    )
    return given, 0.0 if given else (start + 60_000_000 - now.us) / 1_000_000


def give_back(connection: Connection, account: str, unused: int) -> None:
    """Tokens of this minute that were taken and will not be used."""
    if unused:
        left = case((accounts.c.window_used > unused, accounts.c.window_used - unused), else_=0)
        connection.execute(update(accounts).where(accounts.c.account == account).values(window_used=left))


def keep_poll(connection: Connection, account: str, cursor: str, now: datetime) -> None:
    ensure(connection, account)
    connection.execute(update(accounts).where(accounts.c.account == account).values(poll_cursor=cursor[:500], polled_at=now))


def get_reference(connection: Connection, account: str, name: str, since: datetime) -> Json | None:
    """What is kept under this name since then, or None."""
    where = and_(reference.c.account == account, reference.c.name == name, reference.c.kept_at >= since)
    text = connection.execute(select(reference.c.value).where(where)).scalar_one_or_none()
    return loads(Json, text) if text is not None else None  # type: ignore[arg-type]  # Json is a union, which TypeAdapter takes


def put_reference(connection: Connection, account: str, name: str, value: Json, now: datetime) -> None:
    statement = insert_into(connection)(reference).values(account=account, name=name, value=dumps(value), kept_at=now)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["account", "name"], set_={"value": statement.excluded.value, "kept_at": statement.excluded.kept_at}
        )
    )


def hold_lock(connection: Connection, name: str, owner: str, seconds: float) -> bool:
    """Take or renew a named lock for `seconds`; False while another owner has it."""
    connection.execute(insert_into(connection)(locks).values(name=name).on_conflict_do_nothing())
    now = tick(connection)
    until = now.plus(seconds)
    taken = connection.execute(
        update(locks)
        .where(locks.c.name == name, or_(locks.c.owner == owner, passed(locks.c.boot, locks.c.until, now)))
        .values(owner=owner, boot=until.boot, until=until.us)
    )
    return taken.rowcount == 1
