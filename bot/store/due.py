"""The `due` table: times to come. The scheduler turns each into an inbox event when it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Json, TicketKey, TicketKind
from bot.process.ids import new_id
from bot.store.database.schema import due
from bot.store.readable_rows import KINDS, readable
from bot.store.tickets import named, of_ticket


def add_due(connection: Connection, key: TicketKey, at: datetime, what: str, payload: Json) -> None:
    """Remember a time: the ticker turns it into an inbox event."""
    connection.execute(
        due.insert().values(
            id=new_id(),
            account=key.account,
            kind=key.kind.value,
            external_id=key.external_id,
            at=at,
            what=what,
            payload=dumps(payload),
        )
    )


_WAITING = select(due).where(due.c.state == "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    id: str
    key: TicketKey
    at: datetime
    what: str
    payload: Json


def due_now(connection: Connection, now: datetime) -> list[Due]:
    """Rows whose time has come, oldest first."""
    return readable(connection.execute(_WAITING.where(due.c.at <= now, due.c.kind.in_(KINDS)).order_by(due.c.at)), _due)


def due_of(connection: Connection, key: TicketKey, what: str) -> list[Due]:
    """A ticket's waiting rows of one kind, oldest first."""
    where = (*of_ticket(due), due.c.what == what)
    return readable(connection.execute(_WAITING.where(*where).order_by(due.c.at), named(key)), _due)


def _due(row: Row[tuple[object, ...]]) -> Due:
    fields = row._mapping
    return Due(
        id=fields["id"],
        key=TicketKey(fields["account"], TicketKind(fields["kind"]), fields["external_id"]),
        at=fields["at"],
        what=fields["what"],
        payload=loads(dict[str, Json], fields["payload"]),
    )


def close_due(connection: Connection, due_id: str) -> None:
    connection.execute(update(due).where(due.c.id == due_id).values(state="done"))
