"""What R6 wants of a database and of the notes that were written: the order, and one run at a time on a ticket."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine, select

from adapters.codec import loads
from adapters.ticket import Ticket
from bot.store import deliveries
from bot.store.database.engine import reading
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import runs as run_table
from bot.store.database.schema import tickets as ticket_table
from tests.chaos.cheap_desk import Cheap


@dataclass(slots=True)
class Found:
    """`order`: breaches of the order. `overlaps`: writes of a run after another one had claimed its ticket."""

    events: int = 0
    repeats: int = 0
    refused: int = 0
    runs: int = 0
    notes: int = 0
    pauses: int = 0
    taken_over: int = 0
    order: list[str] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)
    doubles: int = 0


def check(engine: Engine, cheap: Cheap, found: Found) -> None:
    by_ticket: dict[str, list[list[str]]] = defaultdict(list)
    for line in cheap.told():
        by_ticket[line[3]].append(line)
    for ticket, lines in by_ticket.items():
        check_lines(ticket, lines, found)
    with reading(engine) as connection:
        for ticket in by_ticket:
            _check_rows(connection, ticket, cheap.number(int(ticket)), found)
        states = set(deliveries.counts(connection))
    if not states <= {"done", "ignored", "superseded"}:
        found.order.append(f"deliveries ended as {sorted(states)}")


def check_lines(ticket: str, lines: list[list[str]], found: Found) -> None:
    """Notes come in the order of the messages, and from the process that claimed the ticket last."""
    holder, newest, markers = "", 0, set[str]()
    claims: dict[str, bool] = {}
    for _, pid, what, _, *more in lines:
        if what == "claimed":
            found.taken_over += claims.get(holder, False)
            claims[holder] = False
            holder, claims[pid] = pid, True
        elif what == "finished":
            claims[pid] = False
        else:
            number, marker = int(more[0]), more[1]
            found.notes += 1
            found.doubles += marker in markers
            markers.add(marker)
            if pid != holder:
                found.overlaps.append(f"ticket {ticket}: {pid} wrote on message {number} while {holder} had claimed it")
            if number < newest:
                found.order.append(f"ticket {ticket}: a note on message {number} after one on {newest}")
            newest = max(newest, number)


def _check_rows(connection: Connection, ticket: str, number: int, found: Found) -> None:
    """Runs take deliveries in receive order, on a ticket that is not older than they are; the last one saw it all."""
    last_seq = 0
    of_runs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    rows = connection.execute(
        select(delivery_table.c.seq, delivery_table.c.run_id, delivery_table.c.delivery_key)
        .where(delivery_table.c.external_id == ticket)
        .order_by(delivery_table.c.seq)
    )
    for seq, run_id, key in rows:
        of_runs[run_id or ""].append((seq, key))
    run_rows = connection.execute(
        select(run_table.c.id, run_table.c.token, run_table.c.ticket, run_table.c.covers_seq)
        .where(run_table.c.external_id == ticket)
        .order_by(run_table.c.token)
    ).all()
    covered = 0
    for row in run_rows:
        covers = of_runs.get(row.id, [])
        found.runs += 1
        if row.covers_seq < covered:
            found.order.append(f"ticket {ticket}: a later run covers less")
        covered = row.covers_seq
        if not covers:
            continue
        if covers[0][0] < last_seq:
            found.order.append(f"ticket {ticket}: delivery {covers[0][0]} was taken after {last_seq}")
        last_seq = covers[-1][0]
        if row.ticket is not None:
            read = _number_of(loads(Ticket, row.ticket))
            if read < max(int(key.partition("-")[2]) for _, key in covers):
                found.order.append(f"ticket {ticket}: a run read message {read} and covers a newer one")
    kept = connection.execute(select(ticket_table.c.snapshot).where(ticket_table.c.external_id == ticket)).scalar_one()
    if kept is None or _number_of(loads(Ticket, kept)) != number:
        found.order.append(f"ticket {ticket}: the last run saw another message than the newest, {number}")


def _number_of(ticket: Ticket) -> int:
    return int(ticket.messages[-1].external_id.removeprefix("m"))
