"""The `deliveries` ledger: everything received, once, with what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, func, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Event, TicketKey
from bot.ids import new_id
from bot.store.schema import deliveries, delivery_conflicts
from bot.store.tickets import insert_into, mark_dirty


class Receipt(StrEnum):
    """What became of a delivery at the door."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"  # the same id with another body: kept apart, not executed
    IGNORED = "ignored"  # kept, but it speaks of nothing that we act on


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
    digest = hashlib.sha256(incoming.body).hexdigest()
    about = incoming.tickets[0] if incoming.tickets else None
    is_internal = incoming.delivery_key.startswith("internal:")  # its `raw` is ours and small; a webhook's is in `body`
    row = {
        "id": new_id(),
        "account": incoming.account,
        "delivery_key": incoming.delivery_key,
        "received_at": incoming.received_at,
        "body": incoming.body,
        "body_sha256": digest,
        "kind": about.kind.value if about else None,
        "external_id": about.external_id if about else None,
        "events": dumps(tuple(event if is_internal else replace(event, raw=None) for event in incoming.events)),
        "state": "ignored" if incoming.ignored else "pending",
        "reason": incoming.ignored,
    }
    statement = insert_into(connection)(deliveries).values(row).on_conflict_do_nothing(index_elements=["account", "delivery_key"])
    stored = connection.execute(statement.returning(deliveries.c.seq)).one_or_none()
    if stored is None:
        return _recognise(connection, incoming, digest)
    if incoming.ignored:
        return Receipt.IGNORED
    for key in incoming.tickets:
        mark_dirty(connection, key, incoming.received_at, incoming.settles_s)
    return Receipt.STORED


def _recognise(connection: Connection, incoming: Incoming, digest: str) -> Receipt:
    where = (deliveries.c.account == incoming.account, deliveries.c.delivery_key == incoming.delivery_key)
    known = connection.execute(select(deliveries.c.body_sha256, deliveries.c.state).where(*where)).one()
    if known.body_sha256 != digest and not incoming.delivery_key.startswith("internal:"):
        keep_conflict(connection, incoming, digest)
        return Receipt.CONFLICT
    connection.execute(update(deliveries).where(*where).values(repeats=deliveries.c.repeats + 1))
    if incoming.repeats_count and not incoming.ignored:
        # An equal body without an id may tell of a new change: the ticket is read once more. Where the first one still waits,
        # a run may have read the ticket already, so the mark alone must be enough.
        if known.state != "pending":
            connection.execute(
                update(deliveries).where(*where).values(state="pending", run_id=None, received_at=incoming.received_at)
            )
        for key in incoming.tickets:
            mark_dirty(connection, key, incoming.received_at)
    return Receipt.DUPLICATE


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


def pending(connection: Connection, key: TicketKey) -> list[Pending]:
    """All deliveries that wait for this ticket and belong to no stored plan, in receive order."""
    return _waiting(
        connection,
        deliveries.c.account == key.account,
        deliveries.c.kind == key.kind.value,
        deliveries.c.external_id == key.external_id,
        deliveries.c.run_id.is_(None),
    )


def assign(connection: Connection, seqs: Sequence[int], run_id: str) -> None:
    """These deliveries are covered by a run whose plan is stored now."""
    for start in range(0, len(seqs), 500):
        connection.execute(update(deliveries).where(deliveries.c.seq.in_(seqs[start : start + 500])).values(run_id=run_id))


def assigned(connection: Connection, run_id: str) -> list[Pending]:
    """The deliveries that a stored plan covers and that are not settled yet."""
    return _waiting(connection, deliveries.c.run_id == run_id)


def _waiting(connection: Connection, *where: ColumnElement[bool]) -> list[Pending]:
    rows = connection.execute(
        select(deliveries.c.seq, deliveries.c.id, deliveries.c.received_at, deliveries.c.events)
        .where(*where, deliveries.c.state == "pending")
        .order_by(deliveries.c.seq)
    )
    return [
        Pending(seq=row.seq, id=row.id, received_at=row.received_at, events=loads(tuple[Event, ...], row.events)) for row in rows
    ]


def settle(connection: Connection, seqs: Sequence[int], state: str, reason: str, run_id: str | None) -> None:
    """Bring deliveries into a terminal state; those that are no longer pending stay as they are."""
    for start in range(0, len(seqs), 500):
        connection.execute(
            update(deliveries)
            .where(deliveries.c.seq.in_(seqs[start : start + 500]), deliveries.c.state.in_(("pending", "parked")))
            .values(state=state, reason=reason[:200], run_id=run_id)
        )


def backlog(connection: Connection) -> int:
    """How many deliveries wait."""
    return connection.execute(select(func.count()).select_from(deliveries).where(deliveries.c.state == "pending")).scalar_one()


def stale(connection: Connection, before: datetime) -> int:
    """How many deliveries have waited since before then."""
    where = (deliveries.c.state == "pending", deliveries.c.received_at < before)
    return connection.execute(select(func.count()).select_from(deliveries).where(*where)).scalar_one()


def counts(connection: Connection) -> dict[str, int]:
    """Deliveries per state."""
    rows = connection.execute(select(deliveries.c.state, func.count()).group_by(deliveries.c.state))
    return {row[0]: row[1] for row in rows}
