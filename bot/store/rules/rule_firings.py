"""The `rule_firings` and `rule_stops` tables: how often each rule acted, and which are switched off for all tickets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, func, select

from adapters.ticket import TicketKey
from bot.store.database.schema import rule_firings, rule_stops
from bot.store.tickets import insert_into

Kind = Literal["live", "shadow", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A rule that does not count now. `semantic_hash`: of the rule that is meant, so that a mended one counts again; "" means
    the rule of this id whatever it says."""

    rule: str
    semantic_hash: str
    stopped_at: datetime
    author: str
    reason: str


_COUNTS = (
    select(rule_firings.c.rule, func.count(), func.count(rule_firings.c.ticket.distinct()))
    .where(
        rule_firings.c.rule.in_(bindparam("of_rules", expanding=True)),
        rule_firings.c.kind == bindparam("of_kind"),
        rule_firings.c.at >= bindparam("since"),
    )
    .group_by(rule_firings.c.rule)
)


def add(connection: Connection, run_id: str, key: TicketKey, acted: Iterable[tuple[str, Kind]], now: datetime) -> None:
    """What each rule did in a run. Nothing is written where none did anything."""
    rows = [{"run_id": run_id, "rule": rule, "kind": kind, "ticket": str(key), "at": now} for rule, kind in acted]
    if rows:
        connection.execute(insert_into(connection)(rule_firings).on_conflict_do_nothing(), rows)


def counts(connection: Connection, rules: Collection[str], kind: Kind, since: datetime) -> Mapping[str, tuple[int, int]]:
    """Rule -> (how often, on how many tickets); rules that did nothing are left out."""
    named = {"of_rules": sorted(rules), "of_kind": kind, "since": since}
    return {rule: (times, tickets) for rule, times, tickets in connection.execute(_COUNTS, named)} if rules else {}


def held_before(connection: Connection, rule: str, ticket: TicketKey, since: datetime) -> bool:
    """Whether this rule was held back on this ticket since then."""
    query = select(rule_firings.c.run_id).where(
        rule_firings.c.rule == rule,
        rule_firings.c.kind == "held",
        rule_firings.c.at >= since,
        rule_firings.c.ticket == str(ticket),
    )
    return connection.execute(query.limit(1)).first() is not None


def stop(connection: Connection, stopped: Stop) -> None:
    """Switch a rule off; the newest word counts."""
    row = {
        "rule": stopped.rule,
        "semantic_hash": stopped.semantic_hash,
        "stopped_at": stopped.stopped_at,
        "author": stopped.author[:100],
        "reason": stopped.reason[:500],
    }
    statement = insert_into(connection)(rule_stops).values(**row)
    changed = {name: getattr(statement.excluded, name) for name in row if name != "rule"}
    connection.execute(statement.on_conflict_do_update(index_elements=["rule"], set_=changed))


def start(connection: Connection, rule: str) -> bool:
    """Let it count again; False where it was not switched off."""
    return bool(connection.execute(delete(rule_stops).where(rule_stops.c.rule == rule)).rowcount)


_STOPS = select(rule_stops).order_by(rule_stops.c.rule)


def stops(connection: Connection) -> list[Stop]:
    return [Stop(**row._mapping) for row in connection.execute(_STOPS)]
