"""What is kept too long goes: words first, then the ledgers' rows. In small steps, so that nobody waits for them.

Each step looks without a lock, and changes at most `BATCH` rows in one short transaction, which repeats the condition that
counts: what was taken up again meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, func, or_, select

from bot.config import RetentionSettings
from bot.maintenance.redaction import (
    SETTLED_DELIVERIES,
    SETTLED_DRAFTS,
    SETTLED_RUNS,
    empty_conflicts,
    empty_deliveries,
    empty_drafts,
    empty_runs,
)
from bot.store import processes
from bot.store.database.engine import reading
from bot.store.database.schema import (
    counted_tickets,
    deliveries,
    delivery_conflicts,
    drafts,
    due,
    reference,
    requests,
    rule_firings,
    rule_state,
    runs,
    tickets,
)
from bot.store.database.schema import processes as processes_table

BATCH = 200
CACHED = timedelta(days=1)  # people and companies are read again after flow.reference_age_s; unused ones need not stay longer
SEEN = timedelta(days=1)
FIRED = timedelta(days=35)  # `deskhand rules` counts a week; a month shows a lead what became of a rule


@dataclass(frozen=True, slots=True)
class _Step:
    """`column` orders the rows and names them; `where` finds those that are too old; `act` changes those of them it is given."""

    column: ColumnElement[Any]
    where: ColumnElement[bool]
    act: Callable[[Connection, Sequence[Any]], int]


class Sweep:
    """One look at everything. `step` does a little; it is over when `step` says so."""

    def __init__(self, engine: Engine, settings: RetentionSettings, now: datetime) -> None:
        self._engine = engine
        self._steps = _steps(settings, now)
        self._after: Any = None
        self._now = now

    def step(self) -> bool:
        """At most `BATCH` rows; False where nothing is left to look at."""
        if not self._steps:
            return False
        step = self._steps[0]
        after = () if self._after is None else (step.column > self._after,)
        with reading(self._engine) as connection:
            query = select(step.column).where(step.where, *after).order_by(step.column).limit(BATCH)
            found = connection.execute(query).scalars().all()
        if found:
            with self._engine.begin() as connection:
                step.act(connection, found)
        self._after = found[-1] if len(found) == BATCH else None
        if self._after is None:
            self._steps.pop(0)
        return True


def _steps(settings: RetentionSettings, now: datetime) -> list[_Step]:
    steps = [_reference(now), _processes(now), _firings(now)]
    if settings.bodies_days is not None:
        steps += _bodies(now - timedelta(days=settings.bodies_days))
    if settings.runs_days is not None:
        steps += _runs(now - timedelta(days=settings.runs_days))
    if settings.snapshots_days is not None:
        steps += _tickets(now - timedelta(days=settings.snapshots_days))
    if settings.ledger_days is not None:
        steps += _ledgers(now - timedelta(days=settings.ledger_days))
    return steps


def _bodies(before: datetime) -> list[_Step]:
    old = and_(deliveries.c.received_at < before, deliveries.c.state.in_(SETTLED_DELIVERIES))
    return [
        _Step(deliveries.c.seq, and_(old, func.length(deliveries.c.body) > 0), empty_deliveries),
        _Step(
            delivery_conflicts.c.id,
            and_(delivery_conflicts.c.received_at < before, func.length(delivery_conflicts.c.body) > 0),
            empty_conflicts,
        ),
    ]


def _runs(before: datetime) -> list[_Step]:
    is_full = or_(runs.c.facts.is_not(None), runs.c.ticket.is_not(None), runs.c.plan.is_not(None))
    old = and_(runs.c.started_at < before, runs.c.state.in_(SETTLED_RUNS))
    decided = and_(drafts.c.created_at < before, drafts.c.state.in_(SETTLED_DRAFTS))
    return [
        _Step(runs.c.id, and_(old, is_full), empty_runs),
        _Step(drafts.c.id, and_(decided, or_(drafts.c.text != "", drafts.c.draft.is_not(None))), empty_drafts),
        _Step(due.c.id, and_(due.c.at < before, due.c.state == "done"), _delete(due, due.c.id, due.c.state == "done")),
    ]


def _tickets(before: datetime) -> list[_Step]:
    """Tickets that nothing has happened to since then, and that nothing waits for."""

    def of_it(table: Any) -> ColumnElement[bool]:
        return and_(*(table.c[name] == tickets.c[name] for name in ("account", "kind", "external_id")))

    is_idle = and_(
        tickets.c.dirty_seq == tickets.c.done_seq,
        tickets.c.first_seen_at < before,
        ~exists(select(runs.c.id).where(of_it(runs), or_(runs.c.started_at >= before, runs.c.state.not_in(SETTLED_RUNS)))),
        ~exists(select(due.c.id).where(of_it(due), due.c.state == "waiting")),
    )

    def forget(connection: Connection, names: Sequence[str]) -> int:
        columns = (tickets.c.account, tickets.c.kind, tickets.c.external_id)
        found = connection.execute(select(*columns).where(name.in_(names), is_idle))
        keys = found.all()
        for account, kind, external_id in keys:
            for table in (rule_state, drafts, counted_tickets, tickets):
                of = (table.c.account == account, table.c.kind == kind, table.c.external_id == external_id)
                connection.execute(delete(table).where(*of))
        return len(keys)

    name = tickets.c.account + "/" + tickets.c.kind + "/" + tickets.c.external_id
    return [_Step(name, is_idle, forget), _imported(before)]


def _imported(before: datetime) -> _Step:
    """Counted tickets of the past that no run has ever looked at."""
    table = counted_tickets.c
    same = and_(*(tickets.c[name] == table[name] for name in ("account", "kind", "external_id")))
    is_old = and_(table.opened_at < before, ~exists(select(tickets.c.account).where(same)))
    name = table.account + "/" + table.kind + "/" + table.external_id
    return _Step(name, is_old, _delete(counted_tickets, name, is_old))


def _ledgers(before: datetime) -> list[_Step]:
    is_received = deliveries.c.state.in_(SETTLED_DELIVERIES)
    is_decided = drafts.c.state.in_(SETTLED_DRAFTS)
    is_over = runs.c.state.in_(SETTLED_RUNS)

    def forget_runs(connection: Connection, ids: Sequence[str]) -> int:
        connection.execute(delete(requests).where(requests.c.run_id.in_(select(runs.c.id).where(runs.c.id.in_(ids), is_over))))
        return int(connection.execute(delete(runs).where(runs.c.id.in_(ids), is_over)).rowcount)

    return [
        _Step(
            deliveries.c.seq,
            and_(deliveries.c.received_at < before, is_received),
            _delete(deliveries, deliveries.c.seq, and_(is_received, deliveries.c.received_at < before)),
        ),
        _Step(
            delivery_conflicts.c.id,
            delivery_conflicts.c.received_at < before,
            _delete(delivery_conflicts, delivery_conflicts.c.id),
        ),
        _Step(runs.c.id, and_(runs.c.started_at < before, is_over), forget_runs),
        _Step(drafts.c.id, and_(drafts.c.created_at < before, is_decided), _delete(drafts, drafts.c.id, is_decided)),
    ]


def _reference(now: datetime) -> _Step:
    is_old = reference.c.kept_at < now - CACHED
    name = reference.c.account + "/" + reference.c.name
    return _Step(name, is_old, _delete(reference, name, is_old))


def _firings(now: datetime) -> _Step:
    is_old = rule_firings.c.at < now - FIRED
    return _Step(rule_firings.c.run_id, is_old, _delete(rule_firings, rule_firings.c.run_id, is_old))


def _processes(now: datetime) -> _Step:
    def forget(connection: Connection, _: Sequence[str]) -> int:
        return processes.forget(connection, now - SEEN)

    return _Step(processes_table.c.name, processes_table.c.seen_at < now - SEEN, forget)


def _delete(table: Any, column: ColumnElement[Any], *still: ColumnElement[bool]) -> Callable[[Connection, Sequence[Any]], int]:
    def act(connection: Connection, ids: Sequence[Any]) -> int:
        return int(connection.execute(delete(table).where(column.in_(ids), *still)).rowcount)

    return act
