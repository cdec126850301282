"""Taking customers' words out of rows whose keys, hashes and states stay: for retention, and for erasing one person.

What is emptied still says that something was received, decided and written, when, and how it ended; never what it said.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Event, TicketKey
from adapters.writes import Request
from bot.store import tickets
from bot.store.database.column_types import unindexed
from bot.store.database.schema import deliveries, delivery_conflicts, drafts, due, requests, runs
from bot.store.packed import ticket_texts

SETTLED_DELIVERIES = ("done", "ignored", "superseded")
SETTLED_RUNS = ("done", "failed", "abandoned")
ASIDE_RUNS = ("parked", "waiting")  # for a person
OPEN_DRAFTS = ("asked", "ready", "live")
SETTLED_DRAFTS = ("sent", "taken_over", "rejected", "superseded", "retired", "withheld")


def empty_deliveries(connection: Connection, seqs: Collection[int]) -> int:
    """Bodies and what was read from them; the keys and the bodies' hashes stay, so that a repeat is recognised. How many rows.

    One that still waits keeps what its run needs: which ticket, and what kind of event.
    """
    where = deliveries.c.seq.in_(seqs)
    settled = update(deliveries).where(where, unindexed(deliveries.c.state).in_(SETTLED_DELIVERIES)).values(body=b"", events="[]")
    count = connection.execute(settled).rowcount
    open_ones = select(deliveries.c.seq, deliveries.c.events).where(
        where, unindexed(deliveries.c.state).not_in(SETTLED_DELIVERIES)
    )
    for row in connection.execute(open_ones).all():
        told = tuple(_bare(event) for event in loads(tuple[Event, ...], row.events))
        connection.execute(update(deliveries).where(deliveries.c.seq == row.seq).values(body=b"", events=dumps(told)))
        count += 1
    return int(count)


def _bare(event: Event) -> Event:
    keeps_raw = event.delivery_key.startswith("internal:draft:")  # an id of ours
    return replace(event, actor=None, actor_is_us=None, changes={}, raw=event.raw if keeps_raw else None)


def empty_conflicts(connection: Connection, ids: Collection[str]) -> int:
    values = update(delivery_conflicts).where(delivery_conflicts.c.id.in_(ids)).values(body=b"")
    return int(connection.execute(values).rowcount)


def empty_runs(connection: Connection, ids: Collection[str]) -> int:
    """Facts, trace, plan, snapshot, the words in their requests, and messages that no other run of their tickets refers to. Only
    for runs whose plan nobody carries out any more."""
    gone = ("facts", "decision", "plan", "ticket", "shadow", "facts_packed", "decision_packed")
    values = {**dict.fromkeys(gone), "yielded": "[]", "texts": ""}
    count = connection.execute(update(runs).where(runs.c.id.in_(ids)).values(**values)).rowcount
    drop_texts(connection, ids)
    for row in connection.execute(select(requests).where(requests.c.run_id.in_(ids))).all():
        bare = dumps(replace(loads(Request, row.request), arguments={}))
        one = (requests.c.run_id == row.run_id, requests.c.number == row.number)
        connection.execute(update(requests).where(*one).values(request=bare))
    return int(count)


def empty_facts(connection: Connection, ids: Collection[str]) -> int:
    """What runs that wait for a person were decided from: they can no more be decided again, and still be carried out."""
    gone = ("facts", "decision", "shadow", "facts_packed", "decision_packed")
    values = {**dict.fromkeys(gone), "texts": ""}
    count = connection.execute(update(runs).where(runs.c.id.in_(ids)).values(**values)).rowcount
    drop_texts(connection, ids)
    return int(count)


def drop_texts(connection: Connection, ids: Collection[str]) -> None:
    """What these runs alone had referred to. They refer to nothing by now, or go right after this."""
    columns = (runs.c.account, runs.c.kind, runs.c.external_id)
    rows = connection.execute(select(*columns).where(runs.c.id.in_(ids))).mappings()
    for key in sorted(set(map(tickets.key_of, rows))):  # in the order of their keys, as everybody who holds several
        ticket_texts.drop_unused(connection, key)


def empty_drafts(connection: Connection, ids: Collection[str]) -> int:
    values = update(drafts).where(drafts.c.id.in_(ids)).values(draft=None, text="", wish=dumps({"rule": ""}), shown_to="")
    return int(connection.execute(values).rowcount)


def retire_drafts(connection: Connection, ids: Collection[str], now: datetime) -> int:
    """Drafts that nobody took up in all that time: retired, their words taken out. One whose ticket has work is left for now, for
    a run may be about to send it."""
    rows = connection.execute(select(drafts).where(drafts.c.id.in_(ids), unindexed(drafts.c.state).in_(OPEN_DRAFTS))).mappings()
    of_ticket: dict[TicketKey, list[str]] = {}
    for row in rows:
        of_ticket.setdefault(tickets.key_of(row), []).append(row["id"])
    idle = [id for key in sorted(of_ticket) if tickets.is_idle(connection, key) for id in of_ticket[key]]
    retired = {"state": "retired", "decided_at": now, "decided_by": "age", "reason": "nobody took it up"}
    connection.execute(update(drafts).where(drafts.c.id.in_(idle)).values(**retired))
    return empty_drafts(connection, idle)


def drop_due(connection: Connection, key: TicketKey) -> int:
    """Times to come and those that have come: their payload quotes rules, which may quote the ticket."""
    where = (due.c.account == key.account, due.c.kind == key.kind.value, due.c.external_id == key.external_id)
    return int(connection.execute(delete(due).where(*where)).rowcount)
