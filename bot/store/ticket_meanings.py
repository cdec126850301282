"""What open tickets are about, as numbers in their rows of `counted_tickets` (ticket_counts.py). No words.

Only numbers by the same maker (bot/facts/ticket_meaning.py) of tickets of one account are ever compared. They go when a ticket is
open no longer, and with its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, false, select, update

from adapters.ticket import TicketKey, TicketKind
from bot.store.database.column_types import unindexed
from bot.store.database.schema import counted_tickets
from bot.store.ticket_counts import Counted
from bot.store.tickets import named, of_ticket

_table = counted_tickets.c
_KINDS = frozenset(each.value for each in TicketKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another open ticket of the customer. `of_person`: the same person opened it, not only somebody of the company."""

    key: TicketKey
    opened_at: datetime
    numbers: bytes
    of_person: bool


_KEEP = (
    update(counted_tickets)
    .where(*of_ticket(counted_tickets), _table.is_open != false())
    .values(maker=bindparam("to_maker"), meaning=bindparam("to_meaning"))
)
_KEPT = select(_table.maker, _table.meaning).where(*of_ticket(counted_tickets), _table.meaning.is_not(None))
_COMPARED = (_table.opened_at >= bindparam("of_since"), unindexed(_table.is_open) != false())
_MINE = (_table.maker == bindparam("of_maker"), _table.meaning.is_not(None))
_MINE_UNINDEXED = (unindexed(_table.maker) == bindparam("of_maker"), _table.meaning.is_not(None))


def keep(connection: Connection, key: TicketKey, maker: str, numbers: bytes) -> None:
    """What a ticket is about, in place of what was known. Nothing where it is not counted, or not open."""
    connection.execute(_KEEP, {**named(key), "to_maker": maker, "to_meaning": numbers})


def kept(connection: Connection, key: TicketKey) -> tuple[str, bytes] | None:
    """Who made the numbers that are kept of a ticket, and the numbers; None where none are."""
    row = connection.execute(_KEPT, named(key)).one_or_none()
    return None if row is None else (row.maker, row.meaning)


def of_customer(connection: Connection, ticket: Counted, maker: str, since: datetime, most: int) -> list[Other]:
    """The other open tickets of the same person or company that were opened since then, the newest `most` of each."""
    found: dict[TicketKey, Other] = {}
    for column, value in ((_table.requester, ticket.requester), (_table.company, ticket.company)):
        for other in _by(connection, column, value, ticket, maker, since, most) if value else ():
            found.setdefault(other.key, other)
    return list(found.values())


def others(connection: Connection, key: TicketKey, maker: str, since: datetime, most: int) -> Sequence[bytes]:
    """The numbers of all other open tickets of the account that were opened since then, of the newest `most`."""
    newest = (
        select(_table.kind, _table.external_id, _table.meaning)
        .where(_table.account == bindparam("of_account"), *_COMPARED, *_MINE)
        .order_by(_table.opened_at.desc())
        .limit(most)
    )
    rows = connection.execute(newest, {"of_account": key.account, "of_since": since, "of_maker": maker})
    return [row.meaning for row in rows if (row.kind, row.external_id) != (key.kind.value, key.external_id)]


def _by(
    connection: Connection, column: ColumnElement[str], value: str, ticket: Counted, maker: str, since: datetime, most: int
) -> list[Other]:
    newest = (
        select(_table.kind, _table.external_id, _table.opened_at, _table.requester, _table.meaning)
        .where(_table.account == bindparam("of_account"), column == bindparam("of_value"), *_COMPARED, *_MINE_UNINDEXED)
        .order_by(_table.opened_at.desc())
        .limit(most)
    )
    values = {"of_account": ticket.key.account, "of_value": value, "of_since": since, "of_maker": maker}
    found = [
        Other(
            key=TicketKey(ticket.key.account, TicketKind(row.kind), row.external_id),
            opened_at=row.opened_at,
            numbers=row.meaning,
            of_person=bool(ticket.requester) and row.requester == ticket.requester,
        )
        for row in connection.execute(newest, values)
        if row.kind in _KINDS  # of a later version, after a step back
    ]
    return [other for other in found if other.key != ticket.key]
