"""The `possible_duplicates` table: notes of ours that stand in a ticket twice, each extra one once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from adapters.ticket import TicketKey, TicketKind
from bot.store.database.schema import possible_duplicates
from bot.store.tickets import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """Two notes with one marker: `first_id` is the older one's external id, `second_id` that of the one too many."""

    key: TicketKey
    marker: str
    first_id: str
    second_id: str


def record(connection: Connection, double: Double, now: datetime) -> bool:
    """Keep it; False where it is known already."""
    row = {
        "account": double.key.account,
        "kind": double.key.kind.value,
        "external_id": double.key.external_id,
        "marker": double.marker,
        "second_id": double.second_id,
        "first_id": double.first_id,
        "found_at": now,
    }
    statement = insert_into(connection)(possible_duplicates).values(row).on_conflict_do_nothing()
    return connection.execute(statement.returning(possible_duplicates.c.marker)).one_or_none() is not None


def count(connection: Connection) -> int:
    """How many notes too many were found so far: `deskhand_possible_duplicate_total`."""
    return connection.execute(select(func.count()).select_from(possible_duplicates)).scalar_one()


def newest(connection: Connection, limit: int, key: TicketKey | None = None) -> list[Double]:
    """Those found last; only of this ticket where one is named."""
    table = possible_duplicates.c
    of = () if key is None else (table.account == key.account, table.kind == key.kind.value, table.external_id == key.external_id)
    rows = connection.execute(select(possible_duplicates).where(*of).order_by(table.found_at.desc()).limit(limit))
    return [
        Double(
            key=TicketKey(row.account, TicketKind(row.kind), row.external_id),
            marker=row.marker,
            first_id=row.first_id,
            second_id=row.second_id,
        )
        for row in rows
    ]
