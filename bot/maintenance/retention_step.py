"""A step of a sweep: which rows of one table are too old, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, bindparam, delete, literal, select, true, tuple_

LOOK = 2000
BATCH = 200


@dataclass(frozen=True, slots=True)
class Step:
    """`where` tells which rows of the table are too old; `act` changes those of them whose keys it is given: values, or tuples
    where the table's key has several columns."""

    table: Table
    where: ColumnElement[bool]
    act: Callable[[Connection, Sequence[Any]], int]
    takes_out: bool = False  # what was found is no more at the next look, and an index leads to it

    @property
    def most(self) -> int:
        """How many rows one look finds."""
        return BATCH if self.takes_out else LOOK

    def look(self, connection: Connection, after: tuple[Any, ...] | None) -> Sequence[Row[Any]]:
        """The next rows: their key, and whether they are too old. Where rows stay, that is asked of each: as a condition it would
        have the database look for all old rows, in any order, and put them in order, for each look anew."""
        key = tuple(self.table.primary_key.columns)
        if self.takes_out:
            found: list[ColumnElement[Any]] = [*key, true().label("is_old")]
            return connection.execute(select(*found).where(self.where).limit(BATCH)).all()
        rest = () if after is None else (tuple_(*key) > tuple_(*map(literal, after)),)
        columns: list[ColumnElement[Any]] = [*key, self.where.label("is_old")]
        return connection.execute(select(*columns).where(*rest).order_by(*key).limit(LOOK)).all()


def deleting(table: Table, *still: ColumnElement[bool]) -> Callable[[Connection, Sequence[Any]], int]:
    """What takes out the rows of these keys, where it `still` holds of them."""
    key = tuple(table.primary_key.columns)
    # One after the other where a key has several columns: SQLite looks up no list of such.
    one = delete(table).where(*(column == bindparam(f"of_{column.name}") for column in key), *still)

    def act(connection: Connection, keys: Sequence[Any]) -> int:
        if len(key) == 1:
            return int(connection.execute(delete(table).where(key[0].in_(keys), *still)).rowcount)
        named = [{f"of_{column.name}": value for column, value in zip(key, each, strict=True)} for each in keys]
        return int(connection.execute(one, named).rowcount)

    return act
