"""The `rule_sets` table: rules as they were written when a run decided by them, so that it can be decided again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from adapters.codec import dumps, loads
from bot.store.database.schema import rule_sets
from bot.store.tickets import insert_into
from rules.files.sources import Source
from rules.language.conditions import jsonable


def keep(connection: Connection, hash: str, sources: Sequence[Source], values: Mapping[str, Any], now: datetime) -> None:
    """Remember what makes up the rules of this hash; those that are known stay as they are, and are held until the transaction
    ends: a sweep may be about to drop them (bot/maintenance/unused_rules.py)."""
    row = {
        "hash": hash,
        "sources": dumps([[each.name, each.text] for each in sources]),
        "rule_values": dumps(jsonable(values)),
        "first_used_at": now,
    }
    statement = insert_into(connection)(rule_sets).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["hash"], set_={"hash": statement.excluded.hash}))


def find(connection: Connection, hash: str) -> tuple[list[Source], dict[str, Any]] | None:
    """The sources and the configuration's values, or None where no run of this version decided by them."""
    row = connection.execute(select(rule_sets).where(rule_sets.c.hash == hash)).one_or_none()
    if row is None:
        return None
    return [Source(name, text) for name, text in loads(list[tuple[str, str]], row.sources)], loads(
        dict[str, Any], row.rule_values
    )
