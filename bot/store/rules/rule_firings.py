"""The `rule_firings` and `rule_stops` tables: how often each rule acted, and which are switched off for all tickets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Connection, bindparam, case, delete, func, select, update

from adapters.ticket import TicketKey
from bot.store.database.schema import rule_firings, rule_stops
from bot.store.tickets import insert_into

Kind = Literal["live", "shadow", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A rule that does not count. `semantic_hash`: of the rule that is meant, so that a mended one counts again; "" means
    the rule of this id whatever it says. `until`: when it counts again by itself; None: when somebody says so. One whose time is
    over stays as a record."""

    rule: str
    semantic_hash: str
    stopped_at: datetime
    author: str
    reason: str
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Acted:
    """What a rule did in a run. `is_writing`: the plan holds a write of it."""

    rule: str
    kind: Kind
    is_writing: bool = False


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose ticket it is, as hashes. `company`: "" where nobody knows one."""

    requester: str = ""
    company: str = ""


_COUNTS = (
    select(rule_firings.c.rule, func.count(), func.count(rule_firings.c.ticket.distinct()))
    .where(
        rule_firings.c.rule.in_(bindparam("of_rules", expanding=True)),
        rule_firings.c.kind == bindparam("of_kind"),
        rule_firings.c.at >= bindparam("since"),
    )
    .group_by(rule_firings.c.rule)
)


def add(
    connection: Connection, run_id: str, key: TicketKey, acted: Iterable[Acted], whose: Customer, cause: str, now: datetime
) -> None:
    """What each rule did in a run. Nothing is written where none did anything."""
    of_run = {"run_id": run_id, "ticket": str(key), "at": now, "cause": cause}
    of_run |= {"requester": whose.requester, "company": whose.company}
    rows = [{**of_run, "rule": each.rule, "kind": each.kind, "is_writing": each.is_writing} for each in acted]
    if rows:
        connection.execute(insert_into(connection)(rule_firings).on_conflict_do_nothing(), rows)


def forget_customer(connection: Connection, key: TicketKey) -> None:
    """That the rules fired stays; whose ticket it was goes."""
    connection.execute(update(rule_firings).where(rule_firings.c.ticket == str(key)).values(requester="", company=""))


def counts(connection: Connection, rules: Collection[str], kind: Kind, since: datetime) -> Mapping[str, tuple[int, int]]:
    """Rule -> (how often, on how many tickets); rules that did nothing are left out."""
    named = {"of_rules": sorted(rules), "of_kind": kind, "since": since}
    return {rule: (times, tickets) for rule, times, tickets in connection.execute(_COUNTS, named)} if rules else {}


# One person with many tickets, and one company with many people, are one customer.
_COMPANY = case((rule_firings.c.company != "", rule_firings.c.company), else_=rule_firings.c.requester)
_OF_RULE = (
    rule_firings.c.rule == bindparam("of_rule"),
    rule_firings.c.kind == bindparam("of_kind"),
    rule_firings.c.at >= bindparam("since"),
)
_WROTE = (*_OF_RULE, rule_firings.c.is_writing)
_HELD = select(rule_firings.c.requester, _COMPANY).where(*_OF_RULE, rule_firings.c.requester != "").distinct().limit(1000)


def writes(connection: Connection, rule: str, since: datetime, most_of_one: int, cause: str | None) -> int:
    """How often a rule wrote since then, no customer counted more than `most_of_one` times. `cause`: only in runs of this one."""
    return min(_writes(connection, by, rule, since, most_of_one, cause) for by in (rule_firings.c.requester, _COMPANY))


def _writes(
    connection: Connection, by: ColumnElement[str], rule: str, since: datetime, most_of_one: int, cause: str | None
) -> int:
    of_cause = () if cause is None else (rule_firings.c.cause == cause,)
    each = select(func.count().label("times")).where(*_WROTE, *of_cause).group_by(by).subquery()
    counted = func.sum(case((each.c.times > most_of_one, most_of_one), else_=each.c.times))
    return connection.execute(select(counted), {"of_rule": rule, "of_kind": "live", "since": since}).scalar_one() or 0


def customers_held(connection: Connection, rule: str, since: datetime, also: Customer) -> int:
    """On how many customers' tickets a rule was held back since then, this one's among them."""
    rows = connection.execute(_HELD, {"of_rule": rule, "of_kind": "held", "since": since}).all()
    people = {row[0] for row in rows} | {also.requester}
    companies = {row[1] for row in rows} | {also.company or also.requester}
    return min(len(people), len(companies))


def stop(connection: Connection, stopped: Stop) -> None:
    """Switch a rule off; the newest word counts."""
    row = {
        "rule": stopped.rule,
        "semantic_hash": stopped.semantic_hash,
        "stopped_at": stopped.stopped_at,
        "author": stopped.author[:100],
        "reason": stopped.reason[:500],
        "until": stopped.until,
    }
    statement = insert_into(connection)(rule_stops).values(**row)
    changed = {name: getattr(statement.excluded, name) for name in row if name != "rule"}
    connection.execute(statement.on_conflict_do_update(index_elements=["rule"], set_=changed))


def start(connection: Connection, rule: str) -> bool:
    """Let it count again; False where it was not switched off."""
    return bool(connection.execute(delete(rule_stops).where(rule_stops.c.rule == rule)).rowcount)


_STOPS = select(rule_stops).order_by(rule_stops.c.rule)


def stops(connection: Connection) -> list[Stop]:
    """Those whose time is over among them."""
    return [Stop(**row._mapping) for row in connection.execute(_STOPS)]
