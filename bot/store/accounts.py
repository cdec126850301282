"""The `accounts`, `paces`, `reference` and `locks` tables: what all workers of an installation share about a helpdesk account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping, bindparam, case, delete, or_, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Json
from bot.store.database.lease_clock import Tick, passed, tick
from bot.store.database.schema import accounts, locks, paces, reference
from bot.store.tickets import insert_into

FAILURES_IN_A_ROW = 8  # a read is tried three times: more than two runs


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """`blocked_s`: seconds until calls are allowed again, 0 if they are. `held_reason`: what a person must mend, or ""."""

    blocked_s: float
    held_reason: str
    failures: int  # how often in a row the helpdesk itself failed
    poll_cursor: str
    polled_at: datetime | None


def ensure(connection: Connection, account: str) -> None:
    connection.execute(insert_into(connection)(accounts).values(account=account).on_conflict_do_nothing())


_STATE = select(accounts).where(accounts.c.account == bindparam("account"))  # asked before each call: put together once


def state(connection: Connection, account: str) -> AccountState:
    row = connection.execute(_STATE, {"account": account}).one_or_none()
    if row is None:
        return AccountState(blocked_s=0.0, held_reason="", failures=0, poll_cursor="", polled_at=None)
    now = tick(connection)
    until = Tick(row.blocked_boot, row.blocked_until)
    blocked_s = 0.0 if until.has_passed(now) else (until.us - now.us) / 1_000_000
    return AccountState(
        blocked_s=blocked_s,
        held_reason=row.held_reason,
        failures=row.failures,
        poll_cursor=row.poll_cursor,
        polled_at=row.polled_at,
    )


def trust(connection: Connection, account: str) -> None:
    """What a person had to mend is mended: a call went through."""
    connection.execute(update(accounts).where(accounts.c.account == account).values(held_reason=""))


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


def count_failure(connection: Connection, account: str, first_s: float, most_s: float) -> float:
    """The helpdesk itself failed: no whole answer, or 5xx. After FAILURES_IN_A_ROW of them the account's calls pause for all
    workers, for `first_s` and then twice as long each time, `most_s` at most. The pause in seconds, or 0.0.

    What fails while they pause was under way before and does not count: a pause grows by tries, not by workers.
    """
    ensure(connection, account)
    row = connection.execute(select(accounts).where(accounts.c.account == account).with_for_update()).one()
    now = tick(connection)
    if not Tick(row.blocked_boot, row.blocked_until).has_passed(now):
        return 0.0
    failures = row.failures + 1
    connection.execute(update(accounts).where(accounts.c.account == account).values(failures=failures))
    if failures < FAILURES_IN_A_ROW:
        return 0.0
    pause_s: float = min(most_s, first_s * 2.0 ** min(failures - FAILURES_IN_A_ROW, 20))
    block(connection, account, pause_s)
    return pause_s


def count_success(connection: Connection, account: str) -> None:
    """The helpdesk answers again."""
    connection.execute(update(accounts).where(accounts.c.account == account, accounts.c.failures > 0).values(failures=0))


class Tokens(NamedTuple):
    """Calls that were handed out, of which minute's share, and where there were none the seconds until the next minute."""

    given: int
    wait_s: float = 0.0
    minute: int = 0


def take_tokens(connection: Connection, account: str, wanted: int, per_minute: int) -> Tokens:
    """Up to `wanted` calls of this minute's share."""
    ensure(connection, account)
    row = connection.execute(select(accounts).where(accounts.c.account == account).with_for_update()).one()
    now = tick(connection)
    fresh = row.window_boot != now.boot or now.us - row.window_start >= 60_000_000
    start, used = (now.us, 0) if fresh else (row.window_start, row.window_used)
    given = max(0, min(wanted, per_minute - used))
    connection.execute(
        update(accounts)
        .where(accounts.c.account == account)
        .values(window_boot=now.boot, window_start=start, window_used=used + given)
    )
    return Tokens(given, 0.0 if given else (start + 60_000_000 - now.us) / 1_000_000, start)


def give_back(connection: Connection, account: str, unused: int, minute: int) -> None:
    """Tokens of this minute that were taken and will not be used. What is left of an earlier minute is gone with it."""
    if unused:
        left = case((accounts.c.window_used > unused, accounts.c.window_used - unused), else_=0)
        same = (accounts.c.account == account, accounts.c.window_start == minute)
        connection.execute(update(accounts).where(*same).values(window_used=left))


def end_minute(connection: Connection, account: str, per_minute: int, over_s: float) -> None:
    """Nothing is left of this minute's share, and the next one begins in `over_s` seconds."""
    ensure(connection, account)
    now = tick(connection)
    values = {"window_boot": now.boot, "window_start": now.plus(over_s - 60.0).us, "window_used": per_minute}
    connection.execute(update(accounts).where(accounts.c.account == account).values(**values))


def calls_used(connection: Connection, account: str) -> int:
    """How many calls (at Freshdesk: credits) of this minute's share were handed out."""
    row = connection.execute(select(accounts).where(accounts.c.account == account)).one_or_none()
    now = tick(connection)
    is_over = row is None or row.window_boot != now.boot or now.us - row.window_start >= 60_000_000
    return 0 if row is None or is_over else int(row.window_used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`every_s`: how far apart calls are in the long run; `at_once`: how many may come together after a rest."""

    every_s: float
    at_once: int


_THIS_PACE = (paces.c.account == bindparam("of_account"), paces.c.name == bindparam("of_name"))
_PACE = select(paces).where(*_THIS_PACE).with_for_update()
_SET_PACE = update(paces).where(*_THIS_PACE)


def step(connection: Connection, account: str, name: str, pace: Pace) -> float:
    """Count one call and give 0.0; or count none and give the seconds after which it may be tried again. Those who are told
    so at the same time are told different moments, so that they do not all come at the first."""
    now, row = _pace(connection, account, name)
    every, here = int(pace.every_s * 1_000_000), {"of_account": account, "of_name": name, "boot": now.boot}
    whole_at, promised = (max(row["whole_at"], now.us), row["promised"]) if row["boot"] == now.boot else (now.us, 0)
    too_early = whole_at + every - now.us - pace.at_once * every
    if too_early <= 0:
        connection.execute(_SET_PACE, here | {"whole_at": whole_at + every})
        return 0.0
    promised = max(promised + every, now.us + too_early)
    connection.execute(_SET_PACE, here | {"whole_at": whole_at, "promised": promised})
    return (promised - now.us) / 1_000_000


def step_back(connection: Connection, account: str, name: str, pace: Pace) -> None:
    """A call that was counted is not made after all."""
    now, row = _pace(connection, account, name)
    if row["boot"] == now.boot:
        here = {"of_account": account, "of_name": name, "boot": now.boot}
        connection.execute(_SET_PACE, here | {"whole_at": row["whole_at"] - int(pace.every_s * 1_000_000)})


def stand_still(connection: Connection, account: str, name: str, pace: Pace, seconds: float) -> None:
    """No such call for so long: the vendor says that there is none left."""
    now, row = _pace(connection, account, name)
    until = now.us + int(((pace.at_once - 1) * pace.every_s + seconds) * 1_000_000)
    if row["boot"] != now.boot or row["whole_at"] < until:
        connection.execute(_SET_PACE, {"of_account": account, "of_name": name, "boot": now.boot, "whole_at": until})


def _pace(connection: Connection, account: str, name: str) -> tuple[Tick, RowMapping]:
    """Now, and the row, kept from others until the transaction ends."""
    which = {"of_account": account, "of_name": name}
    row = connection.execute(_PACE, which).mappings().one_or_none()
    if row is None:
        connection.execute(insert_into(connection)(paces).values(account=account, name=name).on_conflict_do_nothing())
        row = connection.execute(_PACE, which).mappings().one()
    return tick(connection), row


def keep_poll(connection: Connection, account: str, cursor: str, now: datetime) -> None:
    ensure(connection, account)
    connection.execute(update(accounts).where(accounts.c.account == account).values(poll_cursor=cursor, polled_at=now))


_KEPT = select(reference.c.value).where(
    reference.c.account == bindparam("of_account"),
    reference.c.name == bindparam("of_name"),
    reference.c.kept_at >= bindparam("since"),
)


def get_reference(connection: Connection, account: str, name: str, since: datetime) -> Json | None:
    """What is kept under this name since then, or None."""
    text = connection.execute(_KEPT, {"of_account": account, "of_name": name, "since": since}).scalar_one_or_none()
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


def leave_lock(connection: Connection, name: str, owner: str) -> None:
    """Give a lock back before its time; one that another owner took meanwhile stays."""
    connection.execute(delete(locks).where(locks.c.name == name, locks.c.owner == owner))
