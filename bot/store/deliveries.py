"""The `deliveries` ledger: everything received, once, with what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, CursorResult, bindparam, func, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Event, EventType, TicketKey
from bot.process.ids import new_id
from bot.store.database.column_types import as_stored, packed_body, packed_events, unindexed, with_places
from bot.store.database.packed_values import SHORT
from bot.store.database.schema import deliveries, delivery_conflicts
from bot.store.tickets import News, mark_all_dirty, named, of_ticket


class Receipt(StrEnum):
    """What became of a delivery at the door."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"  # the same id with another body: kept apart, not executed
    IGNORED = "ignored"  # kept, but it speaks of nothing that we act on


def sha256_of(body: bytes) -> str:
    """The hash of the bytes as they are, hexadecimal."""
    return hashlib.sha256(body).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A verified, parsed delivery, ready to be stored. `ignored`: why no run follows, or ""."""

    account: str
    delivery_key: str
    body: bytes
    events: tuple[Event, ...]
    received_at: datetime
    ignored: str = ""
    settles_s: float = 0.0  # read the ticket only so long after this (a vendor's version stamp is as coarse)
    if_new_s: float = 0.0  # a ticket that nobody knew of waits so long, unless this tells of its creation
    digest: Callable[[bytes], str] = field(default=sha256_of, compare=False)  # of a body: equal for each try of one delivery
    packed: bytes = field(init=False, repr=False, compare=False)  # the body as it is kept, where that is made beforehand

    def __post_init__(self) -> None:
        """A long body is packed here, before anybody holds the database. A short one in the transaction that stores it: zlib
        gives the interpreter away meanwhile, and eight threads that want it back cost more than the packing does."""
        object.__setattr__(self, "packed", packed_body(self.body) if len(self.body) >= SHORT else b"")

    @property
    def tickets(self) -> tuple[TicketKey, ...]:
        """The tickets it speaks of, each once."""
        return tuple(dict.fromkeys(event.ticket for event in self.events if event.ticket))

    @property
    def repeats_count(self) -> bool:
        """True where an equal body may tell of a new change, since it holds no id."""
        return any(not event.has_delivery_id for event in self.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A stored delivery that waits for its ticket's run."""

    seq: int
    id: str
    received_at: datetime
    events: tuple[Event, ...]


def store(connection: Connection, incoming: Incoming) -> Receipt:
    """Store it and mark its tickets dirty, or recognise it. Within the caller's transaction."""
    return store_all(connection, [incoming])[0]


def store_all(connection: Connection, group: Sequence[Incoming]) -> list[Receipt]:
    """The same for several, in their order, with as few statements as may be; a receipt for each."""
    rows = [_row(connection, each) for each in group]
    new = _insert(connection, rows)
    known = _known(connection, {(row.account, row.delivery_key) for row in rows} - new)
    receipts: list[Receipt] = []
    dirty: dict[TicketKey, News] = {}
    repeated: list[tuple[str, str]] = []
    for incoming, row in zip(group, rows, strict=True):
        place = (row.account, row.delivery_key)
        if place in new:
            new.remove(place)
            known[place] = _Known(row.body_sha256, row.state)
            receipts.append(Receipt.IGNORED if incoming.ignored else Receipt.STORED)
            is_news = not incoming.ignored
        elif _is_another(connection, incoming, row, known[place]):
            keep_conflict(connection, incoming, row.body_sha256)
            receipts.append(Receipt.CONFLICT)
            is_news = False
        else:
            repeated.append(place)
            receipts.append(Receipt.DUPLICATE)
            is_news = incoming.repeats_count and not incoming.ignored
            if is_news:
                _wait_again(connection, incoming, known[place])
        if is_news:
            _note(dirty, incoming, settles_s=incoming.settles_s if receipts[-1] is Receipt.STORED else 0.0)
    if repeated:
        connection.exec_driver_sql(with_places(_REPEATED, connection), sorted(repeated))
    if dirty:
        mark_all_dirty(connection, dirty.values())
    return receipts


def _is_another(connection: Connection, incoming: Incoming, row: _Row, before: _Known) -> bool:
    """The same id with another content. A row of an earlier version has the hash of its whole body, whose counters a retry
    raises: what its body says is compared then."""
    if before.body_sha256 == row.body_sha256 or incoming.delivery_key.startswith("internal:"):
        return False
    where = (deliveries.c.account == incoming.account, deliveries.c.delivery_key == incoming.delivery_key)
    body = connection.execute(select(deliveries.c.body).where(*where)).scalar_one()
    if not body or incoming.digest(body) != row.body_sha256:
        return True
    before.body_sha256 = row.body_sha256
    return False


class _Row(NamedTuple):
    """A row as the driver inserts it, in this order."""

    id: str
    account: str
    delivery_key: str
    received_at: Any
    body: bytes
    body_sha256: str
    kind: str | None
    external_id: str | None
    events: Any
    state: str
    reason: str


def _row(connection: Connection, incoming: Incoming) -> _Row:
    about = incoming.tickets[0] if incoming.tickets else None
    return _Row(
        id=new_id(),
        account=incoming.account,
        delivery_key=incoming.delivery_key,
        received_at=as_stored(incoming.received_at, connection),
        body=incoming.packed or packed_body(incoming.body),
        body_sha256=incoming.digest(incoming.body),
        kind=about.kind.value if about else None,
        external_id=about.external_id if about else None,
        events=packed_events(_lean(incoming), connection),
        state="ignored" if incoming.ignored else "pending",
        reason=incoming.ignored,
    )


# The statements of every delivery are text for the driver: SQLAlchemy takes longer to put them together than SQLite to carry
# them out (docs/bench.md, P1).
_REPEATED = "UPDATE deliveries SET repeats = repeats + 1 WHERE account = ? AND delivery_key = ?"


def _insert(connection: Connection, rows: Sequence[_Row]) -> set[tuple[str, str]]:
    """Insert what is not there yet: account and delivery key of what was inserted."""
    values = tuple(value for row in rows for value in row)
    found = connection.exec_driver_sql(_inserting(len(rows), connection.dialect.name), values)
    return {(row[0], row[1]) for row in found}


@cache
def _inserting(count: int, dialect: str) -> str:
    row = f"({', '.join(['?' if dialect == 'sqlite' else '%s'] * len(_Row._fields))})"
    return (
        f"INSERT INTO deliveries ({', '.join(_Row._fields)}) VALUES {', '.join([row] * count)} "  # noqa: S608  # names of ours
        "ON CONFLICT (account, delivery_key) DO NOTHING RETURNING account, delivery_key"
    )


@dataclass(slots=True)
class _Known:
    body_sha256: str
    state: str


def _known(connection: Connection, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], _Known]:
    """What is stored under these accounts and keys."""
    known: dict[tuple[str, str], _Known] = {}
    for account in sorted({account for account, _ in places}):
        keys = [key for name, key in places if name == account]
        statement = (
            "SELECT delivery_key, body_sha256, state FROM deliveries "  # noqa: S608  # only places
            f"WHERE account = ? AND delivery_key IN ({', '.join('?' * len(keys))})"
        )
        for row in connection.exec_driver_sql(with_places(statement, connection), (account, *keys)):
            known[account, row[0]] = _Known(row[1], row[2])
    return known


def _wait_again(connection: Connection, incoming: Incoming, before: _Known) -> None:
    """An equal body without an id may tell of a new change: the ticket is read once more. Where the first one still waits, a run
    may have read the ticket already, so its mark alone must be enough."""
    if before.state != "pending":
        before.state = "pending"
        where = (deliveries.c.account == incoming.account, deliveries.c.delivery_key == incoming.delivery_key)
        values = {"state": "pending", "run_id": None, "received_at": incoming.received_at}
        full = {"body": incoming.body, "events": _lean(incoming)}  # they may have been emptied meanwhile
        connection.execute(update(deliveries).where(*where).values(**values, **full))


_SAID = tuple((each.name, {} if each.name == "changes" else each.default) for each in fields(Event) if each.name != "raw")


def _lean(incoming: Incoming) -> str:
    """The events as JSON that `loads` reads: what is as by default is left out, and so is `raw`, which is in the body. An
    internal delivery's is kept: it is ours and small."""
    is_internal = incoming.delivery_key.startswith("internal:")
    told: list[dict[str, object]] = []
    for event in incoming.events:
        said = {name: value for name, default in _SAID if (value := getattr(event, name)) != default}
        told.append(said | {"raw": event.raw} if is_internal else said)
    return dumps(told)


def _note(dirty: dict[TicketKey, News], incoming: Incoming, *, settles_s: float) -> None:
    created = {event.ticket for event in incoming.events if event.type is EventType.TICKET_CREATED}
    for key in incoming.tickets:
        if_new_s = 0.0 if key in created else incoming.if_new_s
        before = dirty.get(key)
        if before is None:
            dirty[key] = News(key=key, at=incoming.received_at, settles_s=settles_s, if_new_s=if_new_s)
        else:
            longest = max(settles_s, before.settles_s)
            dirty[key] = replace(before, times=before.times + 1, settles_s=longest, if_new_s=min(if_new_s, before.if_new_s))


def keep_conflict(connection: Connection, incoming: Incoming, digest: str) -> None:
    connection.execute(
        delivery_conflicts.insert().values(
            id=new_id(),
            account=incoming.account,
            delivery_key=incoming.delivery_key,
            received_at=incoming.received_at,
            body=incoming.body,
            body_sha256=digest,
        )
    )


# Put together once, see bot/store/tickets.py.
_WAITING = (
    select(deliveries.c.seq, deliveries.c.id, deliveries.c.received_at, deliveries.c.events)
    .where(deliveries.c.state == "pending")
    .order_by(deliveries.c.seq)
)
_OF_TICKET = _WAITING.where(*of_ticket(deliveries), deliveries.c.run_id.is_(None))
_OF_RUN = _WAITING.where(*of_ticket(deliveries), deliveries.c.run_id == bindparam("of_run"))
_ASSIGN = update(deliveries).where(deliveries.c.seq.in_(bindparam("seqs", expanding=True)))
_SETTLE = _ASSIGN.where(unindexed(deliveries.c.state).in_(("pending", "parked")))


def pending(connection: Connection, key: TicketKey) -> list[Pending]:
    """All deliveries that wait for this ticket and belong to no stored plan, in receive order."""
    return _pending(connection.execute(_OF_TICKET, named(key)))


def assign(connection: Connection, seqs: Sequence[int], run_id: str) -> None:
    """These deliveries are covered by a run whose plan is stored now."""
    for start in range(0, len(seqs), 500):
        connection.execute(_ASSIGN, {"seqs": list(seqs[start : start + 500]), "run_id": run_id})


def assigned(connection: Connection, key: TicketKey, run_id: str) -> list[Pending]:
    """The ticket's deliveries that a stored plan covers and that are not settled yet."""
    return _pending(connection.execute(_OF_RUN, {**named(key), "of_run": run_id}))


def _pending(rows: CursorResult[Any]) -> list[Pending]:
    return [
        Pending(seq=row.seq, id=row.id, received_at=row.received_at, events=loads(tuple[Event, ...], row.events)) for row in rows
    ]


def settle(connection: Connection, seqs: Sequence[int], state: str, reason: str, run_id: str | None) -> None:
    """Bring deliveries into a terminal state; those that are no longer pending stay as they are."""
    for start in range(0, len(seqs), 500):
        some = list(seqs[start : start + 500])
        connection.execute(_SETTLE, {"seqs": some, "state": state, "reason": reason[:200], "run_id": run_id})


def backlog(connection: Connection) -> int:
    """How many deliveries wait."""
    return connection.execute(select(func.count()).select_from(deliveries).where(deliveries.c.state == "pending")).scalar_one()


def backlog_reaches(connection: Connection, count: int) -> bool:
    """Whether so many deliveries wait, or more. Counts no further than that."""
    nth = select(deliveries.c.seq).where(deliveries.c.state == "pending").limit(1).offset(count - 1)
    return connection.execute(nth).first() is not None


def stale(connection: Connection, before: datetime) -> int:
    """How many deliveries have waited since before then."""
    where = (deliveries.c.state == "pending", deliveries.c.received_at < before)
    return connection.execute(select(func.count()).select_from(deliveries).where(*where)).scalar_one()


def counts(connection: Connection) -> dict[str, int]:
    """Deliveries per state."""
    rows = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {row[0]: row[1] for row in rows}
