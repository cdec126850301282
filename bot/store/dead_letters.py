"""What was set aside for a person: deliveries and stored plans that could not be worked on. The ticket itself is not stopped:
its next event is worked on as usual.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, select, update

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
    rows = [
        *connection.execute(
            select(deliveries.c.account, deliveries.c.kind, deliveries.c.external_id, deliveries.c.reason)
            .where(deliveries.c.state == "parked")
            .order_by(deliveries.c.seq)
        )
    ]
    plans = [
        *connection.execute(
            select(runs.c.account, runs.c.kind, runs.c.external_id, runs.c.reason)
            .where(runs.c.state == "parked")
            .order_by(runs.c.started_at)
        )
    ]
    keys = dict.fromkeys((row.account, row.kind, row.external_id) for row in (*rows, *plans))
    return [
        Aside(
            key=TicketKey(account, TicketKind(kind), external_id),
            reason=next(row.reason for row in (*plans, *rows) if row[:3] == (account, kind, external_id)),
            deliveries=sum(row[:3] == (account, kind, external_id) for row in rows),
            plans=sum(row[:3] == (account, kind, external_id) for row in plans),
        )
        for account, kind, external_id in keys
    ]


def set_plan_aside(connection: Connection, key: TicketKey, reason: str, now: datetime) -> None:
    """The ticket's stored plan waits for a person with the deliveries that it covers, so that it does not stand in the way of
    the next event."""
    planned = connection.execute(select(runs.c.id).where(_runs_of(key), runs.c.state == "planned")).scalars().all()
    connection.execute(update(runs).where(runs.c.id.in_(planned)).values(state="parked", reason=reason[:300], finished_at=now))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.run_id.in_(planned), deliveries.c.state == "pending")
        .values(state="parked", reason=reason[:200])
    )


def take_up(connection: Connection, key: TicketKey, now: datetime) -> int:
    """Work on it again: the stored plan as it was stored, its tries counted anew, the deliveries anew. How many things that
    were; 0 for none."""
    parked = connection.execute(select(runs.c.id).where(_runs_of(key), runs.c.state == "parked")).scalars().all()
    connection.execute(update(requests).where(requests.c.run_id.in_(parked)).values(attempts=0))
    plans = connection.execute(update(runs).where(runs.c.id.in_(parked)).values(state="planned", finished_at=None)).rowcount
    waiting = connection.execute(
        update(deliveries).where(_deliveries_of(key)).values(state="pending", reason="", run_id=None)
    ).rowcount
    if plans + waiting:
        mark_dirty(connection, key, now)
    return int(plans + waiting)


def give_up(connection: Connection, key: TicketKey, now: datetime) -> int:
    """Let it be: nothing of it is written any more. How many things that were; 0 for none."""
    dropped = connection.execute(select(runs.c.id).where(_runs_of(key), runs.c.state == "parked")).scalars().all()
    connection.execute(
        update(requests)
        .where(requests.c.run_id.in_(dropped), requests.c.state.in_(OPEN_REQUESTS))
        .values(state="failed", reason="dropped by hand", settled_at=now)
    )
    connection.execute(update(runs).where(runs.c.id.in_(dropped)).values(state="failed", reason="dropped by hand"))
    waiting = connection.execute(
        update(deliveries).where(_deliveries_of(key)).values(state="ignored", reason="dropped by hand")
    ).rowcount
    return int(len(dropped) + waiting + _give_up_replies(connection, key, now))


def _give_up_replies(connection: Connection, key: TicketKey, now: datetime) -> int:
    """A person has looked at the public replies whose outcome nobody knew: they wait no longer, nor do their drafts."""
    stuck = connection.execute(select(runs.c.id).where(_runs_of(key), runs.c.state == "waiting")).scalars().all()
    given_up = connection.execute(
        update(requests)
        .where(requests.c.run_id.in_(stuck), requests.c.state == "waiting")
        .values(state="failed", reason="dropped by hand", settled_at=now)
    ).rowcount
    connection.execute(update(runs).where(runs.c.id.in_(stuck)).values(state="done"))
    if stuck:
        of_ticket = (drafts.c.account == key.account, drafts.c.kind == key.kind.value, drafts.c.external_id == key.external_id)
        connection.execute(
            update(drafts)
            .where(*of_ticket, drafts.c.state == "accepted")
            .values(state="withheld", decided_at=now, reason="dropped by hand")
        )
    return int(given_up)


def _runs_of(key: TicketKey):  # type: ignore[no-untyped-def]  # SQLAlchemy's type of an and_() has no short name
    return and_(runs.c.account == key.account, runs.c.kind == key.kind.value, runs.c.external_id == key.external_id)


def _deliveries_of(key: TicketKey):  # type: ignore[no-untyped-def]
    return and_(
        deliveries.c.account == key.account,
        deliveries.c.kind == key.kind.value,
        deliveries.c.external_id == key.external_id,
        deliveries.c.state == "parked",
    )
