"""Tickets of the past from a helpdesk, for `deskhand backtest`: each as it came in, and as people left it.

A helpdesk keeps what a ticket is, not what it was. As it came in is what can be said for sure: the customer's words before the
first answer, who asked and where; no priority, no team, no tags. What agents made of it stands beside it as `later`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from adapters.errors import RateLimited, TicketGone
from adapters.helpdesk import Helpdesk, PollPage
from adapters.ticket import Priority, Status, Ticket, TicketKey, TicketKind
from bot.directory import Directory
from bot.senses import own_words_of, sense
from rules.model.canonical_json import canonical, facts_to_json, without_raw
from rules.model.facts import Facts
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

POLL_LOOKS_BACK = timedelta(hours=1)  # what an adapter's first poll does (adapters/helpdesk.py)
LONGEST_WAIT_S = 120.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import came. `written`: bytes of the file that are whole pages; what follows was interrupted."""

    account: str
    since: str
    cursor: str = ""
    written: int = 0
    tickets: int = 0
    gone: int = 0
    is_done: bool = False


class Elsewhere(Exception):
    """The file beside it tells of another import."""


def as_it_came(ticket: Ticket) -> Ticket:
    """The ticket before anybody answered or sorted it. Pure."""
    first_answer = next((place for place, each in enumerate(ticket.messages) if each.is_agent_reply), len(ticket.messages))
    said = tuple(each for each in ticket.messages[:first_answer] if each.is_from_customer)
    return replace(
        ticket,
        messages=said,
        message_count=len(said),
        status=Status.NEW,
        status_raw="",
        priority=Priority.NONE,
        priority_raw="",
        tags=frozenset(),
        team=None,
        assignee=None,
        followers=frozenset(),
        problem_id=None,
        merged_into=None,
        updated_at=ticket.created_at,
        first_replied_at=None,
        solved_at=None,
        closed_at=None,
        snoozed_until=None,
        reopen_count=0,
        rating=None,
        rating_comment="",
    )


def first_look(ticket: Ticket, directory: Directory, own: OwnIssues = NO_OWN_ISSUES) -> Facts:
    """The facts of the ticket as it came in. `own`: the issues that the team's rules add."""
    first = as_it_came(ticket)
    now = ticket.created_at or ticket.updated_at
    assert now is not None, "every helpdesk says when a ticket was made"
    company, requester = directory.enrich(first)
    said = own_words_of(first)
    signals = sense(first, now, own=own)
    return Facts(ticket=first, now=now, signals=signals, own_words=said, company=company, requester=requester)


def line_of(first: Facts, ticket: Ticket) -> str:
    """One line of a history: the facts of a first look, and `later`."""
    tree: Any = facts_to_json(without_raw(first))
    later: Any = facts_to_json(without_raw(Facts(ticket=ticket, now=first.now)))
    return canonical({**tree, "later": later["ticket"]}) + "\n"


def run_import(
    helpdesk: Helpdesk,
    directory: Directory,
    path: Path,
    since: datetime,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    count: Callable[[Sequence[Facts]], None] = lambda _: None,
    tell: Callable[[datetime | None], None] = lambda _: None,
    own: OwnIssues = NO_OWN_ISSUES,
) -> Iterator[Progress]:
    """Append whole pages to `path`, after each of them say how far it came. Begins where an interrupted one ended. A ticket that
    is in the file already is not read again. `count` is told each page's tickets as people left them, with what they were about;
    `tell`, after each ticket, when it changed: oldest first.

    Raises Elsewhere where the file belongs to another import, and AdapterError.
    """
    progress = _begun(path, helpdesk.account.name, since)
    path.touch(mode=0o600)  # it holds customers' words
    with path.open("r+b") as file:
        file.truncate(progress.written)
        seen = {_key(line) for line in file}
        is_first = not progress.cursor
        while not progress.is_done:
            now = since + POLL_LOOKS_BACK if is_first else clock()
            page = _patiently(partial(helpdesk.poll, progress.cursor, now), sleep)
            found, gone = _looks(helpdesk, directory, page, seen, sleep, tell, own)
            count([replace(first, ticket=ticket) for first, ticket in found])
            made = [line_of(first, ticket) for first, ticket in found]
            file.write("".join(made).encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
            progress = replace(
                progress,
                is_done=not page.has_more and not is_first,
                cursor=page.cursor,
                written=file.tell(),
                tickets=progress.tickets + len(made),
                gone=progress.gone + gone,
            )
            is_first = False
            _keep(path, progress)
            yield progress


def _key(line: bytes) -> TicketKey:
    ticket = json.loads(line)["ticket"]
    return TicketKey(ticket["account"], TicketKind(ticket.get("kind", "ticket")), ticket["external_id"])


def _looks(
    helpdesk: Helpdesk,
    directory: Directory,
    page: PollPage,
    seen: set[TicketKey],
    sleep: Callable[[float], None],
    tell: Callable[[datetime | None], None],
    own: OwnIssues,
) -> tuple[list[tuple[Facts, Ticket]], int]:
    """The page's tickets that were not seen before, as they came in and as they are; and how many are gone."""
    made, gone = list[tuple[Facts, Ticket]](), 0
    for event in page.events:
        key = event.ticket
        if key is not None and key not in seen:
            seen.add(key)
            try:
                ticket = _patiently(partial(helpdesk.hydrate, key), sleep)
                made.append((first_look(ticket, directory, own), ticket))
            except TicketGone:
                gone += 1
        tell(event.occurred_at)
    return made, gone


def _patiently(call: Callable[[], T], sleep: Callable[[float], None]) -> T:
    """The account's budget is for people and for Deskhand at work first: the import waits."""
    while True:
        try:
            return call()
        except RateLimited as error:
            sleep(min(LONGEST_WAIT_S, max(1.0, error.retry_after_s)))


def _state(path: Path) -> Path:
    return path.with_name(path.name + ".progress")


def _begun(path: Path, account: str, since: datetime) -> Progress:
    fresh = Progress(account=account, since=since.isoformat())
    state = _state(path)
    if not state.exists():
        if path.exists() and path.stat().st_size:
            raise Elsewhere(f"{path} is there and no import of ours: name another file")
        return fresh
    found = Progress(**json.loads(state.read_text(encoding="utf-8")))
    if found.account != account:
        raise Elsewhere(f"{path} holds tickets of {found.account}: name another file for {account}")
    if since < (begun := datetime.fromisoformat(found.since)):
        raise Elsewhere(f"{path} holds tickets that changed since {begun:%Y-%m-%d %H:%M}: name another file to go further back")
    return replace(found, is_done=False)


def _keep(path: Path, progress: Progress) -> None:
    """After the tickets are on disk, and whole or not at all."""
    state = _state(path)
    made = state.with_name(state.name + ".new")
    made.write_text(json.dumps(asdict(progress)), encoding="utf-8")
    made.replace(state)
