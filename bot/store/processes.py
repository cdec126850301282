"""The `processes` table: who works on this database, by the last sign of life. Nothing is decided by it; people are told."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, func, select

from bot.store.database.schema import processes
from bot.store.tickets import insert_into

Role = Literal["receiver", "worker", "ticker"]


def seen(connection: Connection, name: str, role: Role, version: str, now: datetime) -> None:
    """A process lives; the first time makes its row. `name` is host, process id and a word for this start of it."""
    statement = insert_into(connection)(processes).values(name=name, role=role, version=version, started_at=now, seen_at=now)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"seen_at": statement.excluded.seen_at}))


def gone(connection: Connection, name: str) -> None:
    """It ended in order."""
    connection.execute(delete(processes).where(processes.c.name == name))


def forget(connection: Connection, before: datetime) -> int:
    """Take out rows of processes that ended without saying so; how many."""
    return int(connection.execute(delete(processes).where(processes.c.seen_at < before)).rowcount)


def living(connection: Connection, since: datetime) -> dict[str, int]:
    """Role -> how many were seen since then."""
    where = processes.c.seen_at >= since
    rows = connection.execute(select(processes.c.role, func.count()).where(where).group_by(processes.c.role))
    return {row[0]: row[1] for row in rows}


def names(connection: Connection, since: datetime) -> list[str]:
    """Role and name of those seen since then, e.g. `worker host:4711:1a2b3c4d`."""
    where = processes.c.seen_at >= since
    rows = connection.execute(
        select(processes.c.role, processes.c.name).where(where).order_by(processes.c.role, processes.c.name)
    )
    return [f"{row[0]} {row[1]}" for row in rows]


def versions(connection: Connection, since: datetime) -> set[str]:
    """The versions of Deskhand that were seen since then: more than one during a rolling upgrade."""
    return set(connection.execute(select(processes.c.version).where(processes.c.seen_at >= since).distinct()).scalars())
