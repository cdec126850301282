"""Counts over all tables, for metrics and the doctor: how much waits, how it ended, what accounts are allowed. Counts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, func, select

from bot.store import accounts as account_states
from bot.store import deliveries as deliveries_ledger
from bot.store import duplicate_notes, model_use, processes, system_times, tickets
from bot.store.database.schema import deliveries, delivery_conflicts, drafts, due, requests, runs

LIVING = timedelta(minutes=2)  # a process that gave no sign of life for so long is gone


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """`calls_used`: calls to the helpdesk that were handed out in this minute. `blocked_s`: 0 where calls are allowed."""

    is_held: bool
    blocked_s: float
    calls_used: int
    polled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One look at the whole database. Mappings go from state, account or role."""

    deliveries: Mapping[str, int]
    oldest_waiting_s: float
    stale: int
    conflicts: int
    tickets_waiting: int
    runs: Mapping[str, int]
    requests: Mapping[str, int]
    drafts: Mapping[str, int]
    due_waiting: int
    model_tokens: int  # of today
    possible_duplicates: int
    accounts: Mapping[str, AccountFigures]
    processes: Mapping[str, int]
    backed_up_at: datetime | None


def figures(connection: Connection, names: tuple[str, ...], now: datetime, stale_after_s: float) -> Figures:
    """Count. `names` are the accounts of the configuration."""
    return Figures(
        deliveries=_by(connection, deliveries.c.state),
        oldest_waiting_s=_oldest_waiting_s(connection, now),
        stale=deliveries_ledger.stale(connection, now - timedelta(seconds=stale_after_s)),
        conflicts=connection.execute(select(func.count()).select_from(delivery_conflicts)).scalar_one(),
        tickets_waiting=tickets.unfinished(connection),
        runs=_by(connection, runs.c.state),
        requests=_by(connection, requests.c.state),
        drafts=_by(connection, drafts.c.state),
        due_waiting=connection.execute(select(func.count()).select_from(due).where(due.c.state == "waiting")).scalar_one(),
        model_tokens=model_use.of_day(connection, now.date().isoformat()).tokens,
        possible_duplicates=duplicate_notes.count(connection),
        accounts={name: _account(connection, name) for name in names},
        processes=processes.living(connection, now - LIVING),
        backed_up_at=system_times.last(connection, "backed_up"),
    )


def _by(connection: Connection, column: Column[str]) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column))
    return {row[0]: row[1] for row in rows}


def _oldest_waiting_s(connection: Connection, now: datetime) -> float:
    oldest = connection.execute(select(func.min(deliveries.c.received_at)).where(deliveries.c.state == "pending")).scalar_one()
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())


def _account(connection: Connection, name: str) -> AccountFigures:
    found = account_states.state(connection, name)
    return AccountFigures(
        is_held=bool(found.held_reason),
        blocked_s=found.blocked_s,
        calls_used=account_states.calls_used(connection, name),
        polled_at=found.polled_at,
    )
