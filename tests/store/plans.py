"""What the store's functions ask the database, and how the database goes about it: which index each statement reads by.

Said as `runs by started_at`: that index, of which a part is looked up; a key of a ticket is called `ticket`. `all runs` and `all
runs by started_at` is the whole of it; `runs by ticket_started_at of an account` nearly so. Tables that stay small do not count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from bot.store.database.schema import metadata

SORTS = "a sort"
FEW = 200  # so many PostgreSQL may put in order
_SMALL = {"accounts", "locks", "moments", "processes", "model_use", "rule_sets", "rule_stops", "rule_versions", "paces"}
_SMALL |= {"dictionaries", "rule_looks"}
_BIG = metadata.tables.keys() - _SMALL
_TABLE_OF = {str(index.name): name for name, table in metadata.tables.items() for index in table.indexes}
_TABLE_OF |= {str(each.name): name for name, table in metadata.tables.items() for each in table.constraints if each.name}
_SQLITE = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?(?:INDEX (\w+)|INTEGER PRIMARY KEY))?(?: \((.*)\))?")


def looked_up(engine: Engine, connection: Connection, act: Callable[[], object], only: str = "") -> set[str]:
    """By what all that `act` asks and writes is read, and SORTS where anything is put in order. `only`: of DELETE, say."""
    with _noted(engine) as said:
        act()
    explain = _by_sqlite if engine.dialect.name == "sqlite" else _by_postgresql
    wanted = [each for each in said.items() if each[0].lstrip().startswith(only)]
    return {each for statement, parameters in wanted for each in explain(connection, statement, parameters)}


@contextmanager
def _noted(engine: Engine) -> Iterator[dict[str, Any]]:
    """Each statement once, with its first parameters."""
    said: dict[str, Any] = {}

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, is_many: bool) -> None:
        if re.match(r"\s*(select|insert|update|delete|with)\b", statement, re.IGNORECASE):
            said.setdefault(statement, parameters[0] if is_many else parameters)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _answer(connection: Connection, asked: str, parameters: Any) -> list[Any]:
    """As the driver was asked: SQLAlchemy has put its places in already."""
    cursor = connection.connection.cursor()
    cursor.execute(asked, parameters)
    found = cursor.fetchall()
    cursor.close()
    return list(found)


def _by_sqlite(connection: Connection, statement: str, parameters: Any) -> Iterator[str]:
    for *_, line in _answer(connection, f"explain query plan {statement}", parameters):
        if "USE TEMP B-TREE" in line:
            yield SORTS
        found = _SQLITE.match(line)
        if found is not None and found[2] in _BIG:
            is_keyed = "PRIMARY KEY" in found[0] or "sqlite_autoindex" in found[0]
            index = _unique(connection, found[3], found[2]) if found[3] else "pk" if is_keyed else ""
            looked_for = re.findall(r"(\w+)[=<>]", found[4] or "") if found[1] == "SEARCH" else []
            yield _said(found[2], index, is_all=found[1] == "SCAN", is_account=looked_for == ["account"])


def _unique(connection: Connection, index: str, table: str) -> str:
    """SQLite's own names for keys, as PostgreSQL has them."""
    if not index.startswith("sqlite_autoindex"):
        return index
    columns = [row[2] for row in _answer(connection, f"pragma index_info({index})", ())]
    is_key = columns == [each.name for each in metadata.tables[table].primary_key]
    return "pk" if is_key else f"uq_{table}_{'_'.join(columns)}"


def _by_postgresql(connection: Connection, statement: str, parameters: Any) -> Iterator[str]:
    [(plan,)] = _answer(connection, f"explain (format json) {statement}", parameters)
    yield from _nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])


def _nodes(node: dict[str, Any]) -> Iterator[str]:
    kind, index = node["Node Type"], str(node.get("Index Name", ""))
    table = _TABLE_OF.get(index, re.sub(r"_(pkey|id_key)$", "", index)) if index else str(node.get("Relation Name"))
    if kind.endswith("Sort") and node["Plan Rows"] > FEW:
        yield SORTS
    elif table in _BIG and ("Index" in kind or kind.endswith("Seq Scan")):
        looked_for = re.findall(r"\(\(?(?:\w+\.)?(\w+)\)?(?:::\w+)? [=<>]", node.get("Index Cond", ""))
        is_all = "Index Cond" not in node
        yield _said(table, index, is_all=is_all, is_account=looked_for == ["account"] and not is_all)
    for each in node.get("Plans", ()):
        yield from _nodes(each)


def _said(table: str, index: str, *, is_all: bool, is_account: bool) -> str:
    short = index.removeprefix(f"ix_{table}_").replace("account_kind_external_id", "ticket")
    short = "pk" if short == f"pk_{table}" else short
    by = f" by {short}" if short else ""
    return f"{'all ' if is_all else ''}{table}{by}{' of an account' if is_account else ''}"
