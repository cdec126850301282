"""Rows that this version can read; one that it cannot (of a newer version) is left as it is and stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Row

from adapters.codec import Unreadable
from adapters.ticket import TicketKind
from bot.log import get_logger

log = get_logger("store")
MOST = 100
KINDS = tuple(each.value for each in TicketKind)
T = TypeVar("T")


def readable(rows: Iterable[Row[tuple[object, ...]]], read: Callable[[Row[tuple[object, ...]]], T]) -> list[T]:
    """The first of these rows; one that this version cannot read is left as it is and stands in nobody's way."""
    found: list[T] = []
    for row in rows:
        try:
            found.append(read(row))
        except Unreadable as error:
            log.warning("row.unreadable", id=row._mapping["id"], why=str(error))
        if len(found) == MOST:
            break
    return found
