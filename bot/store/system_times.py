"""The `moments` table: the newest time at which something happened to the installation as a whole."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from bot.store.database.schema import moments
from bot.store.tickets import insert_into

Name = Literal[
    "backup_begun",  # `deskhand backup` began: what was committed before is in the copy
    "backed_up",  # it was checked and whole
    "restored",  # this database is a copy that was put back: what was written since its `backup_begun` it does not know
    "ticked",  # a ticker looked at its clock and took it for right
    "retention_done",  # a look at everything that is kept too long came to its end
]


def keep(connection: Connection, name: Name, at: datetime) -> None:
    statement = insert_into(connection)(moments).values(name=name, at=at)
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": statement.excluded.at}))


def last(connection: Connection, name: Name) -> datetime | None:
    """When it happened last; None for never."""
    return connection.execute(select(moments.c.at).where(moments.c.name == name)).scalar_one_or_none()
