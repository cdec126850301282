"""Erasing one person from everything that is kept, while everything goes on.

A ticket is emptied under its own lease, so that no run can write back what was just taken out; one that is being worked on is
waited for.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Engine

from adapters.ticket import TicketKey
from bot.log import get_logger
from bot.maintenance import erasure_queries
from bot.maintenance.erasure_queries import Found
from bot.process.ids import owner_name
from bot.store import tickets

log = get_logger("erase")
WAIT_S = 60.0  # a run is over by then, or its lease has run out
LOOK_EVERY_S = 0.2


class EraseRefused(Exception):
    """Nothing was changed. The message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """`rows`: how many, by kind. `tickets`: those that were emptied. `busy`: tickets that were worked on all the while.
    `is_rewritten`: whether the files were; None where nothing was to be changed. `is_found`: whether the person is anywhere."""

    rows: dict[str, int]
    busy: tuple[TicketKey, ...]
    is_rewritten: bool | None
    tickets: tuple[TicketKey, ...] = ()
    is_found: bool = True

    @property
    def is_whole(self) -> bool:
        return bool(self.is_rewritten) and not self.busy


def erase(
    engine: Engine,
    who: str,
    accounts: tuple[str, ...],
    *,
    staff: frozenset[str] = frozenset(),
    is_dry: bool = False,
    wait_s: float = WAIT_S,
) -> Erased:
    """Take a requester, by e-mail address or by the helpdesk's id, out of all that is kept of these accounts. Doing it again
    finds nothing more. `staff`: addresses of the team's own, which are refused. Raises EraseRefused, SQLAlchemyError."""
    person = erasure_queries.identify(engine, who, accounts)
    if erasure_queries.is_of_the_team(engine, person, accounts, staff):
        raise EraseRefused("this is one of your own team, whom tickets of all customers mention: they would be emptied")
    found = erasure_queries.find(engine, person, accounts)
    if found.is_empty:
        return Erased(rows={}, busy=(), is_rewritten=None, is_found=False)
    if is_dry:
        return Erased(rows=_would(engine, found), busy=(), is_rewritten=None, tickets=tuple(sorted(found.tickets)))
    counts: Counter[str] = Counter()
    busy = tuple(key for key in sorted(found.tickets) if not _empty(engine, key, counts, wait_s))
    with engine.begin() as connection:
        counts.update(erasure_queries.empty_rest(connection, found))
    counts["tickets"] = len(found.tickets) - len(busy)
    log.info("person.erased", tickets=counts["tickets"], busy=len(busy))
    emptied = tuple(sorted(found.tickets - {*busy}))
    return Erased(rows=dict(counts), busy=busy, is_rewritten=_rewrite(engine, wait_s), tickets=emptied)


def _would(engine: Engine, found: Found) -> dict[str, int]:
    """What `erase` would count: done and taken back, a ticket at a time."""
    counts: Counter[str] = Counter()
    steps = [partial(erasure_queries.empty_ticket, key=key) for key in sorted(found.tickets)]
    for step in (*steps, partial(erasure_queries.empty_rest, found=found)):
        with engine.connect() as connection, connection.begin() as transaction:
            counts.update(step(connection))
            transaction.rollback()
    counts["tickets"] = len(found.tickets)
    return dict(counts)


def _empty(engine: Engine, key: TicketKey, counts: Counter[str], wait_s: float) -> bool:
    ends_at, owner = time.monotonic() + wait_s, owner_name()
    while True:
        with engine.begin() as connection:
            lease = tickets.seize(connection, key, owner, 30.0)
            if lease is not None or not tickets.is_there(connection, key):
                counts.update(erasure_queries.empty_ticket(connection, key))
                if lease is not None:
                    tickets.let_go(connection, lease)
                return True
        if time.monotonic() > ends_at:
            return False
        time.sleep(LOOK_EVERY_S)


def _rewrite(engine: Engine, wait_s: float) -> bool:
    """Others may write or read just now: it is tried until it succeeds, or for a while."""
    ends_at = time.monotonic() + wait_s
    while not erasure_queries.rewrite_files(engine):
        if time.monotonic() > ends_at:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
