"""A run being carried out: what its worker holds, and how its requests change, each time under the lease."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection, Engine

from adapters.helpdesk import Helpdesk
from adapters.ticket import Ticket, TicketKey
from adapters.writes import Write
from bot.config import FlowSettings
from bot.facts.own_messages import with_own
from bot.runtime.bootstrap import Runtime
from bot.store import refused_writes, runs, tickets
from bot.store.database.engine import reading
from bot.store.refused_writes import RefusedWrite
from bot.store.runs import Refused, StoredRequest, StoredRun
from bot.store.tickets import Lease
from bot.writes import duplicate_notes
from bot.writes.after_writes import as_left
from bot.writes.planner import Yielded, left_of


@dataclass(slots=True, kw_only=True)
class Work:
    """A run being carried out. `base` is what its open requests were made on, `ticket` the newest read of the ticket."""

    parts: Runtime
    lease: Lease
    helpdesk: Helpdesk
    run: StoredRun
    base: Ticket
    ticket: Ticket
    yielded: list[Yielded] = field(default_factory=list)
    is_resumed: bool = False  # the plan is another process's, or of a restored copy: read the ticket before writing
    rebases: int = 0  # how often open requests were made anew since one was last sent
    rest_on_read: Callable[[float | None], None]  # see LeaseGuard
    known: tuple[StoredRequest, ...] | None = None  # the run's requests as they are stored, until one of them changes

    @property
    def flow(self) -> FlowSettings:
        return self.parts.settings.flow

    @property
    def is_live(self) -> bool:
        """False where the account was put into shadow mode after this plan was stored."""
        return self.parts.settings.account(self.run.key.account).mode == "live"

    def leave(self, writes: Sequence[Write]) -> None:
        """These are in the ticket: what differs from them later on was somebody else."""
        self.base = as_left(self.helpdesk, self.base, writes)

    def read_again(self) -> Ticket:
        self.ticket = with_own(self.helpdesk.hydrate(self.run.key), partial(written_ids, self.parts.engine, self.run.key))
        duplicate_notes.look(self.parts, self.ticket)
        return self.ticket


def written_ids(engine: Engine, key: TicketKey) -> frozenset[str]:
    """The vendor's ids of what we wrote to this ticket."""
    with reading(engine) as connection:
        return runs.written_ids(connection, key)


def requests_of(work: Work) -> tuple[StoredRequest, ...]:
    """The requests of the run as they are now. Under the lease nobody changes them but `recording`."""
    if work.known is None:
        with reading(work.parts.engine) as connection:
            work.known = runs.of_run(connection, work.run.id)
    return work.known


@contextmanager
def recording(work: Work) -> Iterator[Connection]:
    """A transaction in which requests change, refused where the lease is lost."""
    work.known = None
    with work.parts.engine.begin() as connection:
        tickets.guard(connection, work.lease)
        yield connection


def without_refused(work: Work, places: Iterable[int], also: Sequence[Refused] = ()) -> list[tuple[int, Write]]:
    """These writes of the plan, each without what the helpdesk refused of it (and `also` this), by their places; those of which
    nothing is left are not among them."""
    refused = [*also, *(part for each in requests_of(work) for part in each.refused)]
    left = (
        (place, left_of(work.run.plan.writes[place].write, [part for part in refused if part.place == place])) for place in places
    )
    return [(place, write) for place, write in left if write is not None]


def confirm(
    work: Work, stored: StoredRequest, external_id: str, not_applied: tuple[int, ...], remember: Sequence[RefusedWrite] = ()
) -> None:
    mark(work, stored, "confirmed", external_id=external_id, not_applied=not_applied, remember=remember)
    leave(work, stored, not_applied)


def leave(work: Work, done: StoredRequest, not_applied: Sequence[int]) -> None:
    """A write that takes several requests (Intercom: one a tag) is in the ticket with the last of them."""
    unfinished = {place for each in requests_of(work) if each.state in runs.OPEN_REQUESTS for place in each.request.writes}
    places = [place for place in done.request.writes if place not in not_applied and place not in unfinished]
    work.leave([write for _, write in without_refused(work, places)])


def mark(
    work: Work,
    stored: StoredRequest,
    state: str,
    *,
    external_id: str = "",
    reason: str = "",
    not_applied: Sequence[int] = (),
    refused: Sequence[Refused] = (),
    remember: Sequence[RefusedWrite] = (),
) -> None:
    """`intended`: nothing was sent, and it stands as it was planned; the note is rendered anew before it is sent."""
    with recording(work) as connection:
        runs.mark(
            connection,
            work.run.id,
            stored.number,
            state,
            work.parts.clock(),
            external_id=external_id,
            reason=reason,
            not_applied=not_applied,
            refused=refused,
        )
        for each in remember:
            refused_writes.keep(connection, each)
        if state == "intended" and stored.request.marker:
            runs.keep_request(connection, work.run.id, stored.request)
