"""Counts over all tables, for metrics and the doctor: how much waits, how it ended, what accounts are allowed. Counts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, func, select

from bot.store import accounts as account_states
from bot.store import deliveries as deliveries_ledger
from bot.store import duplicate_notes, processes, system_times, tickets
from bot.store.database.schema import deliveries, delivery_conflicts, drafts, due, requests, runs
from bot.store.models import model_use, opinions
from bot.store.models.opinions import OpinionFigures
from bot.store.rules import rule_firings
from bot.store.runs import OPEN_REQUESTS

LIVING = timedelta(minutes=2)  # a process that gave no sign of life for so long is gone
# What somebody or something must still see to. These are few; all else that is kept is history, which only grows.
_OPEN = {
    deliveries: ("pending", "parked"),
    runs: ("started", "planned", "parked", "waiting"),
    requests: (*OPEN_REQUESTS, "waiting"),
    drafts: ("asked", "ready", "accepted"),  # live ones stay so until somebody answers, if ever
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFigures:
    """`calls_used`: calls to the helpdesk that were handed out in this minute. `blocked_s`: 0 where calls are allowed."""

    is_held: bool
    blocked_s: float
    calls_used: int
    polled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One look at what must be seen to. Mappings go from state, account or role."""

    deliveries: dict[str, int]
    oldest_waiting_s: float
    stale: int
    tickets_waiting: int
    tickets_put_off: int
    rules_stopped: Mapping[str, int]  # off (until somebody says so), rests (by itself)
    runs: dict[str, int]
    requests: dict[str, int]
    drafts: dict[str, int]
    due_waiting: int
    model_tokens: int  # of today
    accounts: Mapping[str, AccountFigures]
    processes: Mapping[str, int]
    backed_up_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Everything else that is kept, by state. To count it is to read an index of each table from end to end."""

    deliveries: dict[str, int]
    conflicts: int
    runs: dict[str, int]
    requests: dict[str, int]
    drafts: dict[str, int]
    opinions: OpinionFigures
    possible_duplicates: int


def history(connection: Connection) -> History:
    """Count what is over."""
    return History(
        deliveries=_over(connection, deliveries),
        conflicts=connection.execute(select(func.count()).select_from(delivery_conflicts)).scalar_one(),
        runs=_over(connection, runs),
        requests=_over(connection, requests),
        drafts=_over(connection, drafts),
        opinions=opinions.figures(connection),
        possible_duplicates=duplicate_notes.count(connection),
    )


def figures(connection: Connection, names: tuple[str, ...], now: datetime, stale_after_s: float) -> Figures:
    """Count what is not over. `names` are the accounts of the configuration."""
    return Figures(
        deliveries=_open(connection, deliveries),
        oldest_waiting_s=_oldest_waiting_s(connection, now),
        stale=deliveries_ledger.stale(connection, now - timedelta(seconds=stale_after_s)),
        tickets_waiting=tickets.unfinished(connection),
        tickets_put_off=tickets.put_off(connection),
        rules_stopped=_stopped(connection, now),
        runs=_open(connection, runs),
        requests=_open(connection, requests),
        drafts=_open(connection, drafts),
        due_waiting=connection.execute(select(func.count()).select_from(due).where(due.c.state == "waiting")).scalar_one(),
        model_tokens=model_use.of_day(connection, now.date().isoformat()).tokens,
        accounts={name: _account(connection, name) for name in names},
        processes=processes.living(connection, now - LIVING),
        backed_up_at=system_times.last(connection, "backed_up"),
    )


def _open(connection: Connection, table: Table) -> dict[str, int]:
    return {state: _count(connection, table, state) for state in _OPEN[table]}


def _over(connection: Connection, table: Table) -> dict[str, int]:
    state = table.c.state
    rows = connection.execute(select(state, func.count()).where(state.not_in(_OPEN[table])).group_by(state))
    return {row[0]: row[1] for row in rows}


def _count(connection: Connection, table: Table, state: str) -> int:
    return connection.execute(select(func.count()).select_from(table).where(table.c.state == state)).scalar_one()


def _stopped(connection: Connection, now: datetime) -> dict[str, int]:
    stops = [each for each in rule_firings.stops(connection) if each.holds(now)]
    rests = sum(each.until is not None for each in stops)
    return {"off": len(stops) - rests, "rests": rests}


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
