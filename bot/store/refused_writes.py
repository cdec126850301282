"""The `refused_writes` table: what an account's helpdesk would not take, so that the next ticket need not ask. Hashes of values
and words of our own configuration, never customers' words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, select

from adapters.ticket import TicketKey
from bot.store.database.schema import refused_writes
from bot.store.tickets import insert_into, named, of_ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedWrite:
    """`field`: the kind of write, and which field where there are several (`set_status`, `set_field region`). `value_hash`: of
    the value, "" for any. `words`: what it would have done, for people; `why`: the vendor's code. `key`: whose ticket it was."""

    key: TicketKey
    field: str
    value_hash: str
    words: str
    why: str
    refused_at: datetime


_SINCE = select(refused_writes).where(
    refused_writes.c.account == bindparam("of_account"), refused_writes.c.refused_at >= bindparam("since")
)
_NEWEST = select(refused_writes).where(refused_writes.c.refused_at >= bindparam("since"))
_FORGET = delete(refused_writes).where(*of_ticket(refused_writes))


def keep(connection: Connection, refused: RefusedWrite) -> None:
    """Remember it from now on; what was known of the same value is replaced."""
    row = {
        "account": refused.key.account,
        "field": refused.field[:120],
        "value_hash": refused.value_hash,
        "words": refused.words[:200],
        "why": refused.why[:300],
        "kind": refused.key.kind.value,
        "external_id": refused.key.external_id,
        "refused_at": refused.refused_at,
    }
    statement = insert_into(connection)(refused_writes).values(row)
    newer = {name: row[name] for name in ("words", "why", "kind", "external_id", "refused_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=list(refused_writes.primary_key.columns), set_=newer))


def of_account(connection: Connection, account: str, since: datetime) -> tuple[RefusedWrite, ...]:
    """What this account's helpdesk has refused since then."""
    return tuple(map(_refused, connection.execute(_SINCE, {"of_account": account, "since": since})))


def newest(connection: Connection, since: datetime) -> list[RefusedWrite]:
    """What any helpdesk has refused since then, newest first."""
    rows = connection.execute(_NEWEST, {"since": since})
    return sorted(map(_refused, rows), key=lambda each: each.refused_at, reverse=True)


def forget(connection: Connection, key: TicketKey) -> int:
    """Take out what this ticket has shown; how many rows."""
    return int(connection.execute(_FORGET, named(key)).rowcount)


def _refused(row: Row[tuple[object, ...]]) -> RefusedWrite:
    fields = row._mapping
    return RefusedWrite(
        key=TicketKey.parse(f"{fields['account']}/{fields['kind']}/{fields['external_id']}"),
        field=fields["field"],
        value_hash=fields["value_hash"],
        words=fields["words"],
        why=fields["why"],
        refused_at=fields["refused_at"],
    )
