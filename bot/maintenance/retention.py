"""What is kept too long goes: words first, then the ledgers' rows. In small steps, so that nobody waits for them.

Each step looks at no more than `LOOK` rows without a lock: rows that go are found by their age; those that stay, emptied, by the
table's own key, so that a sweep reads each of them once. It changes at most `BATCH` rows in one short transaction, which repeats
the condition that counts: what was taken up again meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from bot.config import RetentionSettings
from bot.maintenance import unused_rules
from bot.maintenance.redaction import (
    ASIDE_RUNS,
    OPEN_DRAFTS,
    SETTLED_DELIVERIES,
    SETTLED_DRAFTS,
    SETTLED_RUNS,
    drop_texts,
    empty_conflicts,
    empty_deliveries,
    empty_drafts,
    empty_facts,
    empty_runs,
    retire_drafts,
)
from bot.maintenance.retention_step import BATCH, Step, deleting
from bot.store import processes
from bot.store.database.column_types import unindexed
from bot.store.database.engine import reading
from bot.store.database.schema import (
    counted_tickets,
    deliveries,
    delivery_conflicts,
    drafts,
    due,
    opinions,
    possible_duplicates,
    reference,
    refused_writes,
    requests,
    rule_firings,
    rule_state,
    runs,
    tickets,
)
from bot.store.database.schema import processes as processes_table
from bot.store.tickets import of_ticket

CACHED = timedelta(days=1)  # people and companies are read again after flow.reference_age_s; unused ones need not stay longer
SEEN = timedelta(days=1)
REFUSED = timedelta(days=7)  # they count for an hour; a look at the doctor some days later still tells
FIRED = timedelta(days=35)  # `deskhand rules` counts a week; a month shows a lead what became of a rule


class Sweep:
    """One look at everything. `step` does a little; it is over when `step` says so."""

    def __init__(self, engine: Engine, settings: RetentionSettings, now: datetime) -> None:
        self._engine = engine
        self._steps = _steps(settings, now)
        self._after: tuple[Any, ...] | None = None
        self._found: list[Any] = []  # keys of rows that are too old and still there
        self._is_end = False

    def step(self) -> bool:
        """At most `BATCH` rows; False where nothing is left to look at."""
        if not self._steps:
            return False
        step = self._steps[0]
        if not self._found:
            self._look(step)
        some, self._found = self._found[:BATCH], self._found[BATCH:]
        if some:
            with self._engine.begin() as connection:
                self._is_end |= step.act(connection, some) == 0 and step.takes_out  # all of it was taken up: let it be for now
        if self._is_end and not self._found:
            self._steps.pop(0)
            self._after, self._is_end = None, False
        return True

    def _look(self, step: Step) -> None:
        with reading(self._engine) as connection:
            rows = step.look(connection, self._after)
        keys: list[tuple[Any, ...]] = [tuple(row[:-1]) for row in rows]
        self._found = [key if len(key) > 1 else key[0] for key, row in zip(keys, rows, strict=True) if row.is_old]
        self._after = keys[-1] if keys else None
        self._is_end = len(rows) < step.most


def _steps(settings: RetentionSettings, now: datetime) -> list[Step]:
    steps = [_reference(now), _processes(now), _firings(now), _refused(now)]
    if settings.bodies_days is not None:
        steps += _bodies(now - timedelta(days=settings.bodies_days))
    if settings.runs_days is not None:
        steps += _runs(now - timedelta(days=settings.runs_days), now)
    if settings.snapshots_days is not None:
        steps += _tickets(now - timedelta(days=settings.snapshots_days))
    if settings.ledger_days is not None:
        steps += _ledgers(now - timedelta(days=settings.ledger_days))
    if settings.runs_days is not None:
        steps.append(unused_rules.undecidable(now - timedelta(days=settings.runs_days)))
    if settings.ledger_days is not None:
        steps.append(unused_rules.versions(now - timedelta(days=settings.ledger_days)))
    return [*steps, *unused_rules.unreferred(now)]  # last: what referred to them is gone by now


def _bodies(before: datetime) -> list[Step]:
    old = and_(deliveries.c.received_at < before, deliveries.c.state.in_(SETTLED_DELIVERIES))
    is_conflict_old = and_(delivery_conflicts.c.received_at < before, func.length(delivery_conflicts.c.body) > 0)
    return [
        Step(deliveries, and_(old, func.length(deliveries.c.body) > 0), empty_deliveries),
        Step(delivery_conflicts, is_conflict_old, empty_conflicts),
    ]


def _runs(before: datetime, now: datetime) -> list[Step]:
    words = (runs.c.facts, runs.c.facts_packed, runs.c.ticket, runs.c.plan)
    is_full = or_(*(column.is_not(None) for column in words))
    old = and_(runs.c.started_at < before, runs.c.state.in_(SETTLED_RUNS))
    is_aside = and_(runs.c.started_at < before, runs.c.state.in_(ASIDE_RUNS))
    is_decided_from = or_(runs.c.facts.is_not(None), runs.c.facts_packed.is_not(None))
    decided = and_(drafts.c.created_at < before, drafts.c.state.in_(SETTLED_DRAFTS))
    is_open = and_(drafts.c.created_at < before, drafts.c.state.in_(OPEN_DRAFTS))
    return [
        Step(runs, or_(and_(old, is_full), and_(is_aside, is_decided_from)), _empty),
        Step(opinions, opinions.c.asked_at < before, deleting(opinions, unindexed(opinions.c.asked_at) < before), takes_out=True),
        Step(drafts, is_open, partial(retire_drafts, now=now), takes_out=True),
        Step(drafts, and_(decided, or_(drafts.c.text != "", drafts.c.draft.is_not(None))), empty_drafts),
        Step(
            due, and_(due.c.at < before, due.c.state == "done"), deleting(due, unindexed(due.c.state) == "done"), takes_out=True
        ),
    ]


def _empty(connection: Connection, ids: Sequence[str]) -> int:
    """Of runs that are over all words, of those that wait for a person what they were decided from."""
    rows = connection.execute(select(runs.c.id, runs.c.state).where(runs.c.id.in_(ids)).with_for_update()).all()
    over = [row.id for row in rows if row.state in SETTLED_RUNS]
    aside = [row.id for row in rows if row.state in ASIDE_RUNS]
    return empty_runs(connection, over) + empty_facts(connection, aside)


def _tickets(before: datetime) -> list[Step]:
    """Tickets that nothing has happened to since then, and that nothing waits for."""

    def of_it(table: Any) -> ColumnElement[bool]:
        return and_(*(table.c[name] == tickets.c[name] for name in ("account", "kind", "external_id")))

    is_idle = and_(
        tickets.c.dirty_seq == tickets.c.done_seq,
        tickets.c.first_seen_at < before,
        ~exists(select(runs.c.id).where(of_it(runs), or_(runs.c.started_at >= before, runs.c.state.not_in(SETTLED_RUNS)))),
        ~exists(select(due.c.id).where(of_it(due), due.c.state == "waiting")),
    )

    still_idle = select(tickets.c.account).where(*of_ticket(tickets), is_idle)
    of_it_too = [
        delete(table).where(*of_ticket(table))
        for table in (rule_state, drafts, opinions, counted_tickets, possible_duplicates, tickets)
    ]

    def forget(connection: Connection, keys: Sequence[Any]) -> int:
        named = [dict(zip(("of_account", "of_kind", "of_id"), key, strict=True)) for key in keys]
        idle = [each for each in named if connection.execute(still_idle, each).first() is not None]
        for statement in of_it_too if idle else ():
            connection.execute(statement, idle)
        return len(idle)

    return [Step(tickets, is_idle, forget), _imported(before), _doubles(before)]


def _imported(before: datetime) -> Step:
    """Counted tickets of the past that no run has ever looked at."""
    table = counted_tickets.c
    same = and_(*(tickets.c[name] == table[name] for name in ("account", "kind", "external_id")))
    is_old = and_(table.opened_at < before, ~exists(select(tickets.c.account).where(same)))
    return Step(counted_tickets, is_old, deleting(counted_tickets, is_old))


def _doubles(before: datetime) -> Step:
    """Notes that stood twice in tickets that are forgotten by now."""
    table = possible_duplicates.c
    same = and_(*(tickets.c[name] == table[name] for name in ("account", "kind", "external_id")))
    is_old = and_(table.found_at < before, ~exists(select(tickets.c.account).where(same)))
    return Step(possible_duplicates, is_old, deleting(possible_duplicates, is_old))


def _ledgers(before: datetime) -> list[Step]:
    received = and_(deliveries.c.state.in_(SETTLED_DELIVERIES), deliveries.c.received_at < before)
    decided = and_(drafts.c.state.in_(SETTLED_DRAFTS), drafts.c.created_at < before)
    over = and_(runs.c.state.in_(SETTLED_RUNS), runs.c.started_at < before)
    # Asked again of rows that are named by their keys.
    is_received = and_(unindexed(deliveries.c.state).in_(SETTLED_DELIVERIES), unindexed(deliveries.c.received_at) < before)
    is_decided = unindexed(drafts.c.state).in_(SETTLED_DRAFTS)
    is_over = unindexed(runs.c.state).in_(SETTLED_RUNS)

    def forget_runs(connection: Connection, ids: Sequence[str]) -> int:
        over = connection.execute(select(runs.c.id).where(runs.c.id.in_(ids), is_over).with_for_update()).scalars().all()
        connection.execute(update(runs).where(runs.c.id.in_(over), runs.c.texts != "").values(texts=""))
        drop_texts(connection, over)
        connection.execute(delete(requests).where(requests.c.run_id.in_(over)))
        return int(connection.execute(delete(runs).where(runs.c.id.in_(over))).rowcount)

    return [
        Step(deliveries, received, deleting(deliveries, is_received), takes_out=True),
        Step(delivery_conflicts, delivery_conflicts.c.received_at < before, deleting(delivery_conflicts)),
        Step(runs, over, forget_runs, takes_out=True),
        Step(drafts, decided, deleting(drafts, is_decided), takes_out=True),
    ]


def _reference(now: datetime) -> Step:
    is_old = reference.c.kept_at < now - CACHED
    return Step(reference, is_old, deleting(reference, is_old))


def _firings(now: datetime) -> Step:
    before = now - FIRED
    act = deleting(rule_firings, unindexed(rule_firings.c.at) < before)
    return Step(rule_firings, rule_firings.c.at < before, act, takes_out=True)


def _refused(now: datetime) -> Step:
    before = now - REFUSED
    act = deleting(refused_writes, unindexed(refused_writes.c.refused_at) < before)
    return Step(refused_writes, refused_writes.c.refused_at < before, act, takes_out=True)


def _processes(now: datetime) -> Step:
    def forget(connection: Connection, _: Sequence[str]) -> int:
        return processes.forget(connection, now - SEEN)

    return Step(processes_table, processes_table.c.seen_at < now - SEEN, forget)
