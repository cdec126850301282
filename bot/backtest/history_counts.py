"""Counts over history for a backtest, from the history itself: what a run would have counted at the time of each look.

A run counts in the database (bot/facts/history_counts.py), which knows only today. Here the history is read twice: first for one
small row a ticket, then for the looks, each of which gets the counts that its facts lack. Only tickets of the history count, so a
look within the first days of one sees fewer than a run would have seen.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from adapters.ticket import Status, Ticket, TicketKey
from bot.backtest.compare import Past
from bot.facts.history_counts import as_counted
from bot.store.ticket_counts import Counted, counts_itself, is_known
from rules.language.history_counts import Count, CountKind
from rules.model.facts import Facts

_ENDED = (Status.SOLVED, Status.CLOSED)


def with_counts(read: Callable[[], Iterable[Past]], asked: Mapping[str, Count]) -> Iterator[Past]:
    """The history that `read` gives, each time anew, with the counts that these questions ask for."""
    if not asked:
        yield from read()
        return
    then = _Then(read())
    for past in read():
        yield replace(past, facts=then.counted(past.facts, asked))


@dataclass(slots=True, eq=False)
class _Was:
    """A ticket's row, and when it was solved or closed for good; None where it never was."""

    row: Counted
    ended_at: datetime | None


class _Then:
    """The tickets of a history, by whom and what they may be asked by."""

    def __init__(self, history: Iterable[Past]) -> None:
        self._tickets: dict[TicketKey, _Was] = {}
        self._by: defaultdict[tuple[CountKind, str, str], list[_Was]] = defaultdict(list)  # each in the order of `_opened_at`
        for past in history:
            self._note(past)
        for group in self._by.values():
            group.sort(key=_opened_at)

    def _note(self, past: Past) -> None:
        row = as_counted(past.facts)
        if row is None or not row.key.external_id:
            return
        ended_at = _ended_at(past)
        if (known := self._tickets.get(row.key)) is not None:
            known.ended_at = ended_at
            return
        was = self._tickets[row.key] = _Was(row, ended_at)
        for kind, by in _by(row).items():
            self._by[kind, row.key.account, by].append(was)

    def counted(self, facts: Facts, asked: Mapping[str, Count]) -> Facts:
        """The facts, with answers where they have none and one can be known."""
        ticket = as_counted(facts)
        if ticket is None:
            return facts
        if not ticket.issue and (was := self._tickets.get(ticket.key)):
            ticket = replace(ticket, issue=was.row.issue)
        answers = {name: self._count(ticket, each, facts.now) for name, each in asked.items() if name not in facts.counts}
        return replace(facts, counts={**facts.counts, **{name: found for name, found in answers.items() if found is not None}})

    def _count(self, ticket: Counted, asked: Count, now: datetime) -> int | None:
        if not is_known(ticket, asked):
            return None
        others = [was.row for was in self._others(ticket, asked, now)]
        is_in = counts_itself(ticket, asked, now)
        if asked.kind is not CountKind.COMPANIES_WITH_SAME_ISSUE:
            return len(others) + is_in
        return len({row.company for row in (*others, *([ticket] if is_in else ())) if row.company})

    def _others(self, ticket: Counted, asked: Count, now: datetime) -> Iterator[_Was]:
        group = self._by.get((asked.kind, ticket.key.account, _by(ticket)[asked.kind]), [])
        since = now - timedelta(seconds=asked.last_s) if asked.last_s else None
        first = bisect_left(group, since, key=_opened_at) if since else 0
        for was in islice(group, first, bisect_right(group, now, key=_opened_at)):
            is_over = was.ended_at is not None and was.ended_at <= now
            is_same = not asked.same_issue or _is_same(was.row.issue, ticket.issue)
            if was.row.key != ticket.key and is_same and not (asked.open and is_over):
                yield was


def _opened_at(was: _Was) -> datetime:
    return was.row.opened_at


def _by(row: Counted) -> dict[CountKind, str]:
    return {
        CountKind.TICKETS_BY_REQUESTER: row.requester,
        CountKind.TICKETS_BY_COMPANY: row.company,
        CountKind.COMPANIES_WITH_SAME_ISSUE: row.issue_type,
    }


def _is_same(one: str, other: str) -> bool:
    """As far as both tell: `billing` and `billing.invoice` are."""
    return bool(one and other) and (f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}."))


def _ended_at(past: Past) -> datetime | None:
    left: Ticket = past.later or past.facts.ticket
    if left.status not in _ENDED and not left.merged_into:
        return None
    return left.solved_at or left.closed_at or left.updated_at or past.facts.now
