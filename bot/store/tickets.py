"""The `tickets` table: who is dirty, who holds the lease, what the ticket looked like when we left it.

A ticket is dirty while `dirty_seq > done_seq`. Whoever holds the lease may work on it; every write of a run carries
the lease's token and is refused once a later lease was given (`guard`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, bindparam, func, not_, select, true, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from adapters.codec import dumps, loads
from adapters.ticket import Json, Ticket, TicketKey, TicketKind
from bot.store.database.column_types import as_stored, unindexed, with_places
from bot.store.database.lease_clock import Tick, at, passed, passed_now, tick
from bot.store.database.schema import accounts as account_table
from bot.store.database.schema import tickets

PUT_OFF = "loop guard"  # how the reason begins that a ticket waits for which is answered late
_KINDS = tuple(each.value for each in TicketKind)


class LeaseLost(Exception):
    """Another run holds this ticket now: stop at once, write nothing more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What we remember about a ticket beside its snapshot.

    `tags_put`: tags that we put on; `tags_taken`: tags that we took off. `set_by_us`: field -> the value we last set (priority,
    status, team, assignee, field.<slug>), so that a person's later change is seen and left alone.
    """

    tags_put: frozenset[str] = frozenset()
    tags_taken: frozenset[str] = frozenset()
    set_by_us: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on one ticket. `token` grows with every lease given; `covers_seq` is the dirty counter at the claim."""

    key: TicketKey
    owner: str
    token: int
    covers_seq: int
    crashes: int
    failures: int


# What a run asks and writes is put together once: that takes SQLAlchemy longer than the database takes to answer it.


def of_ticket(table: Table) -> tuple[ColumnElement[bool], ...]:
    """Conditions: the table's rows of one ticket, which `named` names."""
    return (
        table.c.account == bindparam("of_account"),
        table.c.kind == bindparam("of_kind"),
        table.c.external_id == bindparam("of_id"),
    )


def named(key: TicketKey) -> dict[str, object]:
    """The key as parameters of a statement with `of_ticket`."""
    return {"of_account": key.account, "of_kind": key.kind.value, "of_id": key.external_id}


def key_of(row: RowMapping) -> TicketKey:
    return TicketKey(row["account"], TicketKind(row["kind"]), row["external_id"])


def insert_into(connection: Connection):  # type: ignore[no-untyped-def]  # the dialects' inserts share no public type
    """The dialect's INSERT, which knows ON CONFLICT."""
    return sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """That there is something new about a ticket, `times` over. `settles_s`: see `mark_dirty`. `if_new_s`: a ticket that nobody
    knew of is not claimed before so long: what came first may not be what happened first."""

    key: TicketKey
    at: datetime
    settles_s: float = 0.0
    if_new_s: float = 0.0
    times: int = 1


def mark_dirty(connection: Connection, key: TicketKey, now: datetime, settles_s: float = 0.0) -> None:
    """There is something new about this ticket; a first one makes its row. A ticket that had no work is not claimed before
    `settles_s` from now; one that had keeps its time, so that a stream of events cannot put it off for ever."""
    mark_all_dirty(connection, [News(key=key, at=now, settles_s=settles_s)])


def mark_all_dirty(connection: Connection, news: Collection[News]) -> None:
    """The same for several tickets, each named once. In the order of their keys: two who mark the same tickets must not each
    wait for a row that the other holds."""
    now = tick(connection) if any(each.settles_s or each.if_new_s for each in news) else Tick("", 0)
    ordered = sorted(news, key=lambda each: each.key)
    connection.exec_driver_sql(with_places(_MARK, connection), [_mark(each, now, connection) for each in ordered])


def _mark(news: News, now: Tick, connection: Connection) -> tuple[object, ...]:
    nothing = Tick("", 0)
    settled = now.plus(news.settles_s) if news.settles_s else nothing
    first = now.plus(max(news.settles_s, news.if_new_s)) if news.settles_s or news.if_new_s else nothing
    at, key = as_stored(news.at, connection), news.key
    known = (settled.boot, settled.boot, settled.us)  # of a ticket with a row
    new = (key.account, key.kind.value, key.external_id, news.times, at, first.boot, first.us)
    return (*new, *known, settled.boot, *known, settled.us)


# As text for the driver, like all that happens for each delivery: SQLAlchemy takes longer to put a statement together than
# SQLite to carry it out (docs/bench.md, P1).
_SETTLES = "? <> '' AND tickets.dirty_seq = tickets.done_seq AND (tickets.wake_boot <> ? OR tickets.wake_at < ?)"
_MARK = f"""
    INSERT INTO tickets (account, kind, external_id, dirty_seq, first_seen_at, wake_boot, wake_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, kind, external_id) DO UPDATE SET
        dirty_seq = tickets.dirty_seq + excluded.dirty_seq,
        wake_boot = CASE WHEN {_SETTLES} THEN ? ELSE tickets.wake_boot END,
        wake_at = CASE WHEN {_SETTLES} THEN ? ELSE tickets.wake_at END
"""  # noqa: S608  # words of ours


_LEASE = (tickets.c.lease_token, tickets.c.dirty_seq, tickets.c.crashes, tickets.c.failures)
_SEIZE = (
    update(tickets)
    .where(*of_ticket(tickets), passed_now(tickets.c.lease_boot, tickets.c.lease_until))
    .values(lease_token=tickets.c.lease_token + 1)
    .returning(*_LEASE)
)
_CLAIM = (
    update(tickets)
    .where(
        *of_ticket(tickets),
        tickets.c.dirty_seq > tickets.c.done_seq,
        passed_now(tickets.c.lease_boot, tickets.c.lease_until),
        passed_now(tickets.c.wake_boot, tickets.c.wake_at),
    )
    .values(lease_token=tickets.c.lease_token + 1, crashes=tickets.c.crashes + 1)
    .returning(*_LEASE)
)


def claim(connection: Connection, key: TicketKey, owner: str, lease_s: float) -> Lease | None:
    """The lease, if the ticket is dirty, free and rested; else None.

    The attempt is counted as a crash now and taken back by `release`: a run that kills its worker still counts.
    """
    now = tick(connection)
    row = connection.execute(_CLAIM, {**named(key), **at(now), **_held_by(owner, now.plus(lease_s))}).one_or_none()
    return Lease(key, owner, row.lease_token, row.dirty_seq, row.crashes - 1, row.failures) if row else None


def seize(connection: Connection, key: TicketKey, owner: str, lease_s: float) -> Lease | None:
    """The lease of a ticket whether it has work or not, if nobody holds it; else None. No crash is counted."""
    now = tick(connection)
    row = connection.execute(_SEIZE, {**named(key), **at(now), **_held_by(owner, now.plus(lease_s))}).one_or_none()
    return Lease(key, owner, row.lease_token, row.dirty_seq, row.crashes, row.failures) if row else None


def _held_by(owner: str, until: Tick) -> dict[str, object]:
    return {"lease_owner": owner, "lease_boot": until.boot, "lease_until": until.us}


_OF_LEASE = update(tickets).where(*of_ticket(tickets), tickets.c.lease_token == bindparam("of_token"))


_RENEW = _OF_LEASE.where(tickets.c.lease_owner == bindparam("of_owner"))  # one that was given back stays so


def _named(lease: Lease) -> dict[str, object]:
    return {**named(lease.key), "of_token": lease.token}


_NOBODYS = _held_by("", Tick("", 0))


def let_go(connection: Connection, lease: Lease) -> None:
    """Give a seized lease back; the ticket's work stays as it is."""
    connection.execute(_OF_LEASE, _named(lease) | _NOBODYS)


def is_there(connection: Connection, key: TicketKey) -> bool:
    """Whether the ticket has a row."""
    return connection.execute(_DIRTY, named(key)).one_or_none() is not None


_AT_REST = select(tickets.c.dirty_seq == tickets.c.done_seq).where(*of_ticket(tickets)).with_for_update()


def is_idle(connection: Connection, key: TicketKey) -> bool:
    """Whether the ticket has no work, or no row. It gets none before the transaction ends: its row is locked until then."""
    return bool(connection.execute(_AT_REST, named(key)).scalar_one_or_none() in (None, True))


def renew(connection: Connection, lease: Lease, lease_s: float) -> None:
    """Raises LeaseLost."""
    until = tick(connection).plus(lease_s)
    done = connection.execute(
        _RENEW, _named(lease) | {"of_owner": lease.owner, "lease_boot": until.boot, "lease_until": until.us}
    )
    if done.rowcount != 1:
        raise LeaseLost(str(lease.key))


_DIRTY = select(tickets.c.dirty_seq).where(*of_ticket(tickets))
_HELD = select(tickets.c.lease_token, tickets.c.lease_boot, tickets.c.lease_until).where(*of_ticket(tickets)).with_for_update()


def guard(connection: Connection, lease: Lease) -> None:
    """Raises LeaseLost unless this lease is the newest and has not run out. Call first in each transaction of a run.

    The row stays locked until the transaction ends, so that no other claim falls between (SQLite locks the whole database).
    """
    now = tick(connection)
    row = connection.execute(_HELD, named(lease.key)).one()
    if row.lease_token != lease.token or Tick(row.lease_boot, row.lease_until).has_passed(now):
        raise LeaseLost(str(lease.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How a ticket is left: when it may be claimed again, and whether the work it was claimed for is done."""

    after_s: float = 0.0
    is_done: bool = True
    failed: bool = False
    reason: str = ""


def release(connection: Connection, lease: Lease, rest: Rest) -> None:
    """Give the lease back. A refused token changes nothing (a later lease decides)."""
    now = tick(connection)
    wake = now.plus(rest.after_s)
    values = {**_named(lease), **_NOBODYS, "crashes": 0}
    values |= {"wake_boot": wake.boot, "wake_at": wake.us, "reason": rest.reason[:200]}
    values |= {"failures": lease.failures + 1 if rest.failed else (0 if rest.is_done else lease.failures)}
    if rest.is_done:
        values["done_seq"] = lease.covers_seq
    connection.execute(_OF_LEASE, values)


_SNAPSHOT = select(tickets.c.snapshot, tickets.c.memory).where(*of_ticket(tickets))
_OF_TICKET = update(tickets).where(*of_ticket(tickets))


def keep_snapshot(connection: Connection, key: TicketKey, ticket: Ticket, memory: Memory) -> None:
    """What the next run compares with. Vendors' raw payloads are left out: the fields hold what rules see."""
    lean = replace(ticket, raw=None, messages=tuple(replace(message, raw=None) for message in ticket.messages))
    connection.execute(_OF_TICKET, {**named(key), "snapshot": dumps(lean), "memory": dumps(memory)})


def snapshot(connection: Connection, key: TicketKey) -> tuple[Ticket | None, Memory]:
    """The ticket as we left it, or None at first sight; and what we remember."""
    row = connection.execute(_SNAPSHOT, named(key)).one_or_none()
    if row is None:
        return None, Memory()
    return (loads(Ticket, row.snapshot) if row.snapshot else None), loads(Memory, row.memory)


def dirty_seq(connection: Connection, key: TicketKey) -> int:
    """How often the ticket was marked dirty so far."""
    return int(connection.execute(_DIRTY, named(key)).scalar_one())


def ready(connection: Connection, limit: int = 100, accounts: Collection[str] | None = None) -> list[TicketKey]:
    """Tickets that can be claimed now, those waiting longest first; only of these accounts, and of none that is blocked:
    what cannot be worked on must not fill the list before what can. Asked all the time: only tickets with work are read."""
    now = tick(connection)
    blocked = select(account_table.c.account).where(
        not_(passed(account_table.c.blocked_boot, account_table.c.blocked_until, now))
    )
    rows = connection.execute(
        select(tickets.c.account, tickets.c.kind, tickets.c.external_id)
        .where(
            tickets.c.dirty_seq > tickets.c.done_seq,
            passed(tickets.c.lease_boot, tickets.c.lease_until, now),
            passed(tickets.c.wake_boot, tickets.c.wake_at, now),
            unindexed(tickets.c.account).not_in(blocked),
            unindexed(tickets.c.kind).in_(_KINDS),  # a newer version's kinds are left for its workers
            true() if accounts is None else unindexed(tickets.c.account).in_(accounts),
        )
        .order_by(tickets.c.wake_at)
        .limit(limit)
    ).mappings()
    return [key_of(row) for row in rows]


def next_wake_s(connection: Connection) -> float | None:
    """Seconds until the next resting ticket with work can be claimed; None where none rests."""
    now = tick(connection)
    rests = (tickets.c.dirty_seq > tickets.c.done_seq, tickets.c.wake_boot == now.boot)
    soonest = connection.execute(select(func.min(tickets.c.wake_at)).where(*rests, tickets.c.wake_at > now.us)).scalar_one()
    return None if soonest is None else (int(soonest) - now.us) / 1_000_000


def unfinished(connection: Connection) -> int:
    """How many tickets have work that is not done, rests and waits included."""
    where = tickets.c.dirty_seq > tickets.c.done_seq
    return connection.execute(select(func.count()).select_from(tickets).where(where)).scalar_one()


def put_off(connection: Connection) -> int:
    """How many tickets are answered late (bot/pipeline/loop_guard.py)."""
    where = (tickets.c.dirty_seq > tickets.c.done_seq, tickets.c.reason.startswith(PUT_OFF))
    return connection.execute(select(func.count()).select_from(tickets).where(*where)).scalar_one()
