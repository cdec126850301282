"""What was set aside for a person: deliveries and stored plans that could not be worked on. The ticket itself is not stopped:
its next event is worked on as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Row, Table, and_, select, update

from adapters.ticket import TicketKey, TicketKind
from bot.store.database.schema import deliveries, drafts, requests, runs
from bot.store.runs import OPEN_REQUESTS
from bot.store.tickets import mark_dirty


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """One ticket with work set aside: why, how many deliveries, and how many plans that were stored and not carried out."""

    key: TicketKey
    reason: str
    deliveries: int
    plans: int


def everything(connection: Connection) -> list[Aside]:
    """All tickets with work set aside, those waiting longest first."""
    rows = _parked(connection, deliveries, deliveries.c.seq)
    plans = _parked(connection, runs, runs.c.started_at)
    keys = dict.fromkeys((row.account, row.kind, row.external_id) for row in (*rows, *plans))
    return [
        Aside(
            key=TicketKey(account, TicketKind(kind), external_id),
            reason=next(row.reason for row in (*plans, *rows) if tuple(row[:3]) == (account, kind, external_id)),
            deliveries=sum(tuple(row[:3]) == (account, kind, external_id) for row in rows),
            plans=sum(tuple(row[:3]) == (account, kind, external_id) for row in plans),
        )
        for account, kind, external_id in keys
    ]


def _parked(connection: Connection, table: Table, age: Column[Any]) -> list[Row[Any]]:
    """Oldest first. Put in order here: a database that thinks there are many would read all rows in that order instead."""
    found = select(table.c.account, table.c.kind, table.c.external_id, table.c.reason, age.label("age"))
    return sorted(connection.execute(found.where(table.c.state == "parked")), key=lambda row: row.age)


def set_plan_aside(connection: Connection, key: TicketKey, reason: str, now: datetime) -> None:
    """The ticket's stored plan waits for a person with the deliveries that it covers, so that it does not stand in the way of
    the next event."""
    planned = connection.execute(select(runs.c.id).where(_of(runs, key), runs.c.state == "planned")).scalars().all()
    connection.execute(update(runs).where(runs.c.id.in_(planned)).values(state="parked", reason=reason[:300], finished_at=now))
    connection.execute(
        update(deliveries)
        .where(_of(deliveries, key), deliveries.c.run_id.in_(planned), deliveries.c.state == "pending")
        .values(state="parked", reason=reason[:200])
    )


def take_up(connection: Connection, key: TicketKey, now: datetime) -> int:
    """Work on it again: the stored plan as it was stored, its tries counted anew, the deliveries anew. How many things that
    were; 0 for none."""
    parked = connection.execute(select(runs.c.id).where(_of(runs, key), runs.c.state == "parked")).scalars().all()
    connection.execute(update(requests).where(requests.c.run_id.in_(parked)).values(attempts=0))
    plans = connection.execute(update(runs).where(runs.c.id.in_(parked)).values(state="planned", finished_at=None)).rowcount
    waiting = connection.execute(
        update(deliveries)
        .where(_of(deliveries, key), deliveries.c.state == "parked")
        .values(state="pending", reason="", run_id=None)
    ).rowcount
    if plans + waiting:
        mark_dirty(connection, key, now)
    return int(plans + waiting)


def give_up(connection: Connection, key: TicketKey, now: datetime) -> int:
    """Let it be: nothing of it is written any more. How many things that were; 0 for none."""
    dropped = connection.execute(select(runs.c.id).where(_of(runs, key), runs.c.state == "parked")).scalars().all()
    connection.execute(
        update(requests)
        .where(requests.c.run_id.in_(dropped), requests.c.state.in_(OPEN_REQUESTS))
        .values(state="failed", reason="dropped by hand", settled_at=now)
    )
    connection.execute(update(runs).where(runs.c.id.in_(dropped)).values(state="failed", reason="dropped by hand", ticket=None))
    waiting = connection.execute(
        update(deliveries)
        .where(_of(deliveries, key), deliveries.c.state == "parked")
        .values(state="ignored", reason="dropped by hand")
    ).rowcount
    return int(len(dropped) + waiting + _give_up_replies(connection, key, now))


def _give_up_replies(connection: Connection, key: TicketKey, now: datetime) -> int:
    """A person has looked at the public replies whose outcome nobody knew: they wait no longer, nor do their drafts."""
    stuck = connection.execute(select(runs.c.id).where(_of(runs, key), runs.c.state == "waiting")).scalars().all()
    given_up = connection.execute(
        update(requests)
        .where(requests.c.run_id.in_(stuck), requests.c.state == "waiting")
        .values(state="failed", reason="dropped by hand", settled_at=now)
    ).rowcount
    connection.execute(update(runs).where(runs.c.id.in_(stuck)).values(state="done"))
    if stuck:
        connection.execute(
            update(drafts)
            .where(_of(drafts, key), drafts.c.state == "accepted")
            .values(state="withheld", decided_at=now, reason="dropped by hand")
        )
    return int(given_up)


def _of(table: Table, key: TicketKey) -> ColumnElement[bool]:
    return and_(table.c.account == key.account, table.c.kind == key.kind.value, table.c.external_id == key.external_id)
