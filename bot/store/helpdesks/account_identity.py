"""Which helpdesk an account points to, in the `accounts` table: all that is remembered hangs on the account's name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from bot.store import accounts
from bot.store.database.schema import accounts as table
from bot.store.database.schema import deliveries, metadata, paces, reference, requests, rule_firings, runs, tickets
from bot.store.runs import OPEN_REQUESTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`known_as`: the name under which this helpdesk is known already; `pointed_to`: what this name meant so far."""

    known_as: str = ""
    pointed_to: str = ""


def claim(connection: Connection, account: str, identity: str) -> Conflict | None:
    """Remember what the account points to. A conflict where it pointed elsewhere, or where another name has pointed there."""
    rows = connection.execute(
        select(table.c.account, table.c.identity).where(or_(table.c.account == account, table.c.identity == identity))
    )
    known = {row.account: row.identity for row in rows}
    others = [name for name, points_to in known.items() if name != account and points_to == identity]
    if others:
        return Conflict(known_as=others[0])
    if known.get(account) == identity:
        return None
    if known.get(account):
        return Conflict(pointed_to=known[account])
    accounts.ensure(connection, account)
    connection.execute(update(table).where(table.c.account == account).values(identity=identity))
    return None


def identities(connection: Connection) -> dict[str, str]:
    """Account -> what it points to; "" where nobody has looked yet."""
    return {row.account: row.identity for row in connection.execute(select(table.c.account, table.c.identity))}


def former(connection: Connection, account: str) -> tuple[str, ...]:
    """Names and identities that this account had before, by which its older notes are marked."""
    text = connection.execute(select(table.c.former).where(table.c.account == account)).scalar_one_or_none()
    return tuple(json.loads(text)) if text else ()


def move(connection: Connection, account: str, identity: str) -> None:
    """The same helpdesk has another address now. Raises KeyError for an account that was never seen."""
    before = identities(connection)[account]
    values = {"identity": identity, "former": _with(connection, account, before)}
    connection.execute(update(table).where(table.c.account == account).values(values))


def has_open_work(connection: Connection, account: str) -> bool:
    """Whether a run of the account is under way or waits to be carried out: its plan names the account."""
    own = (runs.c.account == account, runs.c.state.in_(("started", "planned")))
    is_open = select(requests.c.run_id).join(runs, runs.c.id == requests.c.run_id)
    waiting = is_open.where(runs.c.account == account, requests.c.state.in_(OPEN_REQUESTS))
    return connection.execute(select(runs.c.id).where(*own).limit(1)).first() is not None or (
        connection.execute(waiting.limit(1)).first() is not None
    )


def rename(connection: Connection, old: str, new: str) -> int:
    """Everything of the account `old` belongs to `new` from now on; how many rows. Stored facts and traces keep the name that
    they were decided with. Raises KeyError where `old` was never seen, ValueError where `new` has tickets of its own."""
    if old not in identities(connection):
        raise KeyError(old)
    for each in (tickets, deliveries):
        if connection.execute(select(each.c.account).where(each.c.account == new).limit(1)).first():
            raise ValueError(new)
    told = _with(connection, old, old)
    changed = sum(_rename_in_json(connection, old, new))
    for each in metadata.sorted_tables:
        if each in (table, paces, reference):  # of a first start under the new name
            connection.execute(delete(each).where(each.c.account == new))
        if "account" in each.c:
            changed += connection.execute(update(each).where(each.c.account == old).values(account=new)).rowcount
    own = rule_firings.c.ticket.like(f"{_escaped(old)}/%", escape="\\")
    whole = func.substr(rule_firings.c.ticket, len(old) + 1)
    changed += connection.execute(update(rule_firings).where(own).values(ticket=new + whole)).rowcount
    connection.execute(update(table).where(table.c.account == new).values(former=told))
    return int(changed)


def _with(connection: Connection, account: str, name: str) -> str:
    return json.dumps(list(dict.fromkeys([*former(connection, account), *([name] if name else [])])))


def _rename_in_json(connection: Connection, old: str, new: str) -> Iterator[int]:
    """Snapshots and events that wait name the account inside: what is decided next is decided on them."""
    waiting = deliveries.c.state.in_(("pending", "parked"))
    for each, column, where in (
        (tickets, tickets.c.snapshot, tickets.c.snapshot.is_not(None)),
        (deliveries, deliveries.c.events, waiting),
    ):
        keys = tuple(each.primary_key.columns)
        for row in connection.execute(select(*keys, column).where(each.c.account == old, where)).all():
            text = json.dumps(_renamed(json.loads(row[-1]), old, new), ensure_ascii=False, separators=(",", ":"))
            this = [key == value for key, value in zip(keys, row[:-1], strict=True)]
            connection.execute(update(each).where(*this).values({column.name: text}))
            yield 0  # counted with its row


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: new if name == "account" and inner == old else _renamed(inner, old, new) for name, inner in value.items()}
    return [_renamed(each, old, new) for each in value] if isinstance(value, list) else value


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
