"""The `counted_tickets` table: a row a ticket, of which counts over history are made. Keys and hashes, never words. What an open
ticket is about stands there too (ticket_meanings.py).

A run keeps its ticket's row in the transaction that stores its plan. Counts are range queries over an index, by person, company
or issue type; the ticket that is asked about is left out of them and added as it is now (`count`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, false, func, not_, or_, select, true, update

from adapters.ticket import TicketKey
from bot.store.database.schema import counted_tickets
from bot.store.tickets import insert_into, named, of_ticket
from rules.language.history_counts import Count, CountKind

_table = counted_tickets.c
_LEVELS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A ticket as it is counted. "" where nobody knows. `requester`: the helpdesk's id. `company`, `assignee`: hashes. `issue`:
    the issue type, with its finer levels where they are known (`billing.invoice`)."""

    key: TicketKey
    opened_at: datetime
    is_open: bool
    requester: str = ""
    company: str = ""
    issue: str = ""
    assignee: str = ""

    @property
    def issue_type(self) -> str:
        return self.issue.partition(".")[0]


def keep(connection: Connection, row: Counted, *, is_newest: bool = True) -> None:
    """Keep how a ticket is counted from now on. One that tells no issue any more keeps the one that it was about; one that is
    open no longer is compared with no other, so what it was about goes (ticket_meanings.py).

    `is_newest` False: what is there already knows better, and stays.
    """
    values = {
        "account": row.key.account,
        "kind": row.key.kind.value,
        "external_id": row.key.external_id,
        "requester": row.requester,
        "company": row.company,
        "issue_type": row.issue_type,
        "issue": row.issue,
        "assignee": row.assignee,
        "opened_at": row.opened_at,
        "is_open": row.is_open,
    }
    statement = insert_into(connection)(counted_tickets)
    if not is_newest:
        connection.execute(statement.on_conflict_do_nothing(), values)
        return
    names = ("requester", "company", "assignee", "opened_at", "is_open", *(("issue_type", "issue") if row.issue else ()))
    changed = {name: statement.excluded[name] for name in names} | ({} if row.is_open else _NOT_COMPARED)
    connection.execute(statement.on_conflict_do_update(index_elements=["account", "kind", "external_id"], set_=changed), values)


_FORGET = delete(counted_tickets).where(*of_ticket(counted_tickets))
_NOT_COMPARED = {"maker": "", "meaning": None}
_CLOSE = update(counted_tickets).where(*of_ticket(counted_tickets)).values(is_open=False, **_NOT_COMPARED)
_ASSIGN = update(counted_tickets).where(*of_ticket(counted_tickets)).values(assignee=bindparam("to_assignee"))
_ISSUE = select(_table.issue).where(*of_ticket(counted_tickets))


def forget(connection: Connection, key: TicketKey) -> None:
    """The ticket is counted no longer."""
    connection.execute(_FORGET, named(key))


def close(connection: Connection, key: TicketKey) -> None:
    """The ticket is open no longer."""
    connection.execute(_CLOSE, named(key))


def assign(connection: Connection, key: TicketKey, assignee: str) -> None:
    """The agent, by hash, who has the ticket now; "" for nobody."""
    connection.execute(_ASSIGN, {**named(key), "to_assignee": assignee})


def issue_of(connection: Connection, key: TicketKey) -> str:
    """What the ticket was about when it last told; "" where it never did."""
    return connection.execute(_ISSUE, named(key)).scalar_one_or_none() or ""


def count(connection: Connection, ticket: Counted, asked: Count, now: datetime) -> int | None:
    """The answer for this ticket, itself included as it is; None where it cannot be known: without a person, a company or an
    issue there is nothing to count by."""
    if not is_known(ticket, asked):
        return None
    is_companies = asked.kind is CountKind.COMPANIES_WITH_SAME_ISSUE
    since = _since(asked, now)
    values: dict[str, Any] = {**named(ticket.key), "of_since": since, **_issue_values(ticket.issue)}
    is_in = counts_itself(ticket, asked, now)
    # A company that this ticket makes count must not count twice; else its other tickets may.
    counts_anyway = ticket.company if is_in or not is_companies else ""
    values |= {"of_company": counts_anyway, "of_requester": ticket.requester}
    others = connection.execute(_question(asked.kind, bool(since), asked.same_issue, asked.open), values).scalar_one()
    return int(others) + (is_in and (bool(ticket.company) or not is_companies))


def is_known(ticket: Counted, asked: Count) -> bool:
    """Whether there is anything to count by."""
    by = {CountKind.TICKETS_BY_REQUESTER: ticket.requester, CountKind.TICKETS_BY_COMPANY: ticket.company}
    return bool(by.get(asked.kind, "any")) and bool(ticket.issue or not asked.same_issue)


def counts_itself(ticket: Counted, asked: Count, now: datetime) -> bool:
    """Whether the ticket that is asked about is one of those that are counted."""
    since = _since(asked, now)
    return (since is None or ticket.opened_at >= since) and (ticket.is_open or not asked.open)


def _since(asked: Count, now: datetime) -> datetime | None:
    return now - timedelta(seconds=asked.last_s) if asked.last_s else None


def open_by_assignee(connection: Connection, account: str, assignees: Collection[str]) -> Mapping[str, int]:
    """How many open tickets each of these agents (by hash) has in the account; those without any are left out."""
    found = (
        select(_table.assignee, func.count().label("tickets"))
        .where(_table.account == account, _table.assignee.in_(assignees), _table.is_open == true())
        .group_by(_table.assignee)
    )
    return {row.assignee: int(row.tickets) for row in connection.execute(found)}


@lru_cache(maxsize=32)
def _question(kind: CountKind, has_since: bool, same_issue: bool, is_open: bool) -> Select[Any]:
    where = [_table.account == bindparam("of_account")]
    if kind is CountKind.TICKETS_BY_REQUESTER:
        where.append(_table.requester == bindparam("of_requester"))
    elif kind is CountKind.TICKETS_BY_COMPANY:
        where.append(_table.company == bindparam("of_company"))
    else:
        where += [_table.company != "", _table.company != bindparam("of_company")]
    if same_issue:
        where.append(_same_issue())
        if kind is CountKind.COMPANIES_WITH_SAME_ISSUE:  # elsewhere SQLite would take the index by type for the better one
            where.append(_table.issue_type == bindparam("of_issue_type"))
    if has_since:
        where.append(_table.opened_at >= bindparam("of_since"))
    if is_open:
        where.append(_table.is_open != false())  # `=` would have SQLite go through all open tickets of the account
    itself = and_(_table.kind == bindparam("of_kind"), _table.external_id == bindparam("of_id"))
    what = func.count(_table.company.distinct()) if kind is CountKind.COMPANIES_WITH_SAME_ISSUE else func.count()
    return select(what).select_from(counted_tickets).where(*where, not_(itself))


def _same_issue() -> ColumnElement[bool]:
    """The same type, and the same finer levels as far as both tickets tell them."""
    coarser = _table.issue.in_([bindparam(f"of_level_{level}") for level in range(_LEVELS)])
    return or_(coarser, _table.issue.like(bindparam("of_finer"), escape="/"))


def _issue_values(issue: str) -> dict[str, str]:
    parts = issue.split(".")
    levels = [".".join(parts[: level + 1]) for level in range(_LEVELS)]
    finer = issue.replace("/", "//").replace("_", "/_").replace("%", "/%") + ".%"
    return {f"of_level_{level}": each for level, each in enumerate(levels)} | {"of_finer": finer, "of_issue_type": parts[0]}
