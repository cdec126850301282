"""The `rule_versions` and `backtests` tables: which rules ran when, by whom and why, what was refused, and what was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, func, select, update

from adapters.codec import dumps, loads
from adapters.ticket import Json
from bot.store.database.schema import backtests, rule_versions
from bot.store.tickets import insert_into
from rules.files.sources import Source
from rules.language.conditions import jsonable

State = Literal["active", "replaced", "withdrawn", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A row. `changes`: what is new against the version before (bot/rulesets/versions.py). `problems`: why it was refused, one
    text each. `sources` is empty where it was refused."""

    number: int
    made_at: datetime
    author: str
    reason: str
    state: State
    content_hash: str
    rules_hash: str = ""
    sources: tuple[Source, ...] = ()
    values: Mapping[str, Any]
    changes: Mapping[str, Any]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """The newest backtest of a set of rules. `looks`: at how many tickets of the past."""

    rules_hash: str
    against_hash: str
    history_hash: str
    looks: int
    made_at: datetime


def add(connection: Connection, version: Version) -> None:
    """A new row; one that becomes active takes the place of the one before. Raises IntegrityError where somebody else has
    taken its number."""
    if version.state == "active":
        connection.execute(update(rule_versions).where(rule_versions.c.state == "active").values(state="replaced"))
    row = {
        "number": version.number,
        "made_at": version.made_at,
        "author": version.author[:100],
        "reason": version.reason[:500],
        "state": version.state,
        "content_hash": version.content_hash,
        "rules_hash": version.rules_hash,
        "sources": dumps([[each.name, each.text] for each in version.sources]),
        "rule_values": dumps(jsonable(version.values)),
        "changes": dumps(jsonable(version.changes)),
        "problems": dumps(list(version.problems)),
    }
    connection.execute(rule_versions.insert(), row)


def withdraw(connection: Connection, number: int) -> None:
    """It was taken back: files that hold it are not taken up by themselves."""
    connection.execute(update(rule_versions).where(rule_versions.c.number == number).values(state="withdrawn"))


def next_number(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(rule_versions.c.number), 0))).scalar_one()) + 1


_ACTIVE_NUMBER = select(rule_versions.c.number).where(rule_versions.c.state == "active")


def active_number(connection: Connection) -> int:
    """0 where none was taken up yet. Asked all the time."""
    return connection.execute(_ACTIVE_NUMBER).scalar_one_or_none() or 0


def active(connection: Connection) -> Version | None:
    row = connection.execute(select(rule_versions).where(rule_versions.c.state == "active")).one_or_none()
    return _version(row) if row else None


def find(connection: Connection, number: int) -> Version | None:
    row = connection.execute(select(rule_versions).where(rule_versions.c.number == number)).one_or_none()
    return _version(row) if row else None


def newest(connection: Connection, limit: int = 1) -> list[Version]:
    """The newest first, refused ones among them."""
    rows = connection.execute(select(rule_versions).order_by(rule_versions.c.number.desc()).limit(limit))
    return [_version(row) for row in rows]


def last_replaced(connection: Connection) -> Version | None:
    """What ran before the active one."""
    query = select(rule_versions).where(rule_versions.c.state == "replaced").order_by(rule_versions.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return _version(row) if row else None


def with_content(connection: Connection, content_hash: str) -> Version | None:
    """The newest version that held exactly this."""
    query = select(rule_versions).where(rule_versions.c.content_hash == content_hash)
    row = connection.execute(query.order_by(rule_versions.c.number.desc()).limit(1)).one_or_none()
    return _version(row) if row else None


def _version(row: Row[Any]) -> Version:
    return Version(
        number=row.number,
        made_at=row.made_at,
        author=row.author,
        reason=row.reason,
        state=row.state,
        content_hash=row.content_hash,
        rules_hash=row.rules_hash,
        sources=tuple(Source(name, text) for name, text in loads(list[tuple[str, str]], row.sources)),
        values=loads(dict[str, Any], row.rule_values),
        changes=loads(dict[str, Json], row.changes),
        problems=loads(tuple[str, ...], row.problems),
    )


def keep_backtest(connection: Connection, made: Backtest) -> None:
    """The newest of these rules counts."""
    row: Sequence[str] = ("against_hash", "history_hash", "looks", "made_at")
    statement = insert_into(connection)(backtests).values(
        rules_hash=made.rules_hash, **{name: getattr(made, name) for name in row}
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["rules_hash"], set_={name: getattr(statement.excluded, name) for name in row}
        )
    )


def backtest_of(connection: Connection, rules_hash: str) -> Backtest | None:
    row = connection.execute(select(backtests).where(backtests.c.rules_hash == rules_hash)).one_or_none()
    return Backtest(**row._mapping) if row else None
