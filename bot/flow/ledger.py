"""Carrying out a stored plan, each request effectively once.

A request is committed as sent before its first byte leaves. Whatever then happens, it is never believed to be unsent: an
outcome that nobody knows is settled by reading back (the note's marker; the fields themselves), by a wait for the
provider's read lag, and only then by sending again. Requests that the provider itself refuses after a change
(`is_conditional`) are rebased on a fresh read; the others are preceded by one where the snapshot is no longer fresh.
A public reply whose outcome stays unknown waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from adapters.codec import to_json
from adapters.errors import AccessDenied, HelpdeskDown, RateLimited, TicketGone, Unsupported, WriteRejected
from adapters.helpdesk import Helpdesk
from adapters.ticket import Message, Ticket
from adapters.writes import Note, Outcome, Plan, Reply, Request, Result, Write
from bot.config import FlowSettings
from bot.flow import planner
from bot.flow.changes import new_messages
from bot.flow.later import Later, Park
from bot.flow.parts import Parts
from bot.flow.planner import Yielded
from bot.log import get_logger
from bot.store import runs, tickets
from bot.store.runs import StoredRequest, StoredRun
from bot.store.tickets import Lease

log = get_logger("ledger")
MAX_TRIES = 4
REPLY_LOOKBACK = timedelta(seconds=90)  # a vendor's clock may be behind ours


@dataclass(slots=True, kw_only=True)
class Work:
    """A run being carried out. `base` is what its open requests were made on, `ticket` the newest read of the ticket."""

    parts: Parts
    lease: Lease
    helpdesk: Helpdesk
    run: StoredRun
    base: Ticket
    ticket: Ticket
    yielded: list[Yielded] = field(default_factory=list)
    rebases: int = 0  # how often open requests were made anew since one was last sent

    @property
    def flow(self) -> FlowSettings:
        return self.parts.settings.flow

    @property
    def is_live(self) -> bool:
        """False where the account was put into shadow mode after this plan was stored."""
        return self.parts.settings.account(self.run.key.account).mode == "live"

    def read_again(self) -> Ticket:
        self.ticket = self.helpdesk.hydrate(self.run.key)
        return self.ticket


def carry_out(work: Work) -> list[Write]:
    """Send what is open, settle what is unknown; the writes that are confirmed in the end.

    Raises Later (come again), Park (a person must look), TicketGone, and what `send` raises where nothing was sent.
    """
    while (stored := _next_open(work)) is not None:
        if not work.is_live:
            _withhold(work, stored)
        elif stored.state == "intended":
            _send(work, stored)
        else:
            _settle(work, stored)
    done = [each for each in _requests(work) if each.state == "confirmed"]
    places = dict.fromkeys(place for each in done for place in each.request.writes if place not in each.not_applied)
    return [work.run.plan.writes[place].write for place in places]


def _requests(work: Work) -> tuple[StoredRequest, ...]:
    with work.parts.engine.begin() as connection:
        return runs.of_run(connection, work.run.id)


def _next_open(work: Work) -> StoredRequest | None:
    if work.rebases > MAX_TRIES:
        raise Park("the ticket kept changing under our writes")
    return next((each for each in _requests(work) if each.state in runs.OPEN_REQUESTS), None)


def _tries(work: Work, stored: StoredRequest) -> int:
    """How often what this request carries was sent before in another shape: made anew and never sent is no try."""
    carried = set(stored.request.writes)
    return sum(
        each.state == "replaced" and each.attempts > 0 and bool(carried & {*each.request.writes}) for each in _requests(work)
    )


def _withhold(work: Work, stored: StoredRequest) -> None:
    """Shadow mode writes nothing: what may have landed before is looked for, the rest stays undone."""
    found = None if stored.state == "intended" else _look_for(work, stored)
    if found is None:
        _mark(work, stored, "failed", reason="not written: the account is in shadow mode")
    else:
        _confirm(work, stored, found, ())


def _send(work: Work, stored: StoredRequest) -> None:
    if _is_outdated(work, stored.request) and _rebase(work, "read again before the write"):
        return
    parts, run_id, number = work.parts, work.run.id, stored.number
    with parts.engine.begin() as connection:
        tickets.guard(connection, work.lease)
        runs.mark_sent(connection, run_id, number, parts.clock())
    work.rebases = 0
    parts.checkpoint("intent_stored")
    try:
        outcome = work.helpdesk.send(stored.request)
    except (RateLimited, HelpdeskDown, AccessDenied):
        _mark(work, stored, "intended")  # certainly not sent
        raise
    except TicketGone as error:
        _mark(work, stored, "failed", reason=error.reason)
        raise
    parts.checkpoint("response_received")
    _record(work, stored, outcome)
    parts.checkpoint("confirmed")


def _is_outdated(work: Work, request: Request) -> bool:
    """True where the snapshot is too old to count as the re-read before a write that the provider does not check itself."""
    if request.is_conditional or work.ticket.read_at is None:
        return False
    age_s = (work.parts.clock() - work.ticket.read_at).total_seconds()
    return age_s > work.flow.snapshot_fresh_s


def _record(work: Work, stored: StoredRequest, outcome: Outcome) -> None:
    log.info(
        "request.answered", run=work.run.id, number=stored.number, operation=stored.request.operation, result=outcome.result.value
    )
    match outcome.result:
        case Result.CONFIRMED:
            _confirm(work, stored, outcome.external_id, outcome.not_applied)
        case Result.REJECTED:
            _mark(work, stored, "failed", reason=outcome.reason)
        case Result.UNKNOWN:
            _mark(work, stored, "unknown", reason=outcome.reason)
        case Result.CONFLICT:
            _after_conflict(work, stored)


def _after_conflict(work: Work, stored: StoredRequest) -> None:
    """Somebody changed the ticket, or an earlier try of ours landed late: the marker tells."""
    if _tries(work, stored) >= MAX_TRIES - 1:
        _mark(work, stored, "intended", reason="conflict")  # open still: `deskhand dead retry` tries it again
        raise Park("the ticket changed under our write each time it was tried")
    if stored.request.marker and (found := work.helpdesk.find_marker(work.run.key, stored.request.marker)):
        _confirm(work, stored, found, ())
        return
    _rebase(work, "conflict", also=stored, always=True)


def _settle(work: Work, stored: StoredRequest) -> None:
    """An unknown outcome: read back first; wait for the read lag; send again only then."""
    found = _look_for(work, stored)
    if found is not None:
        _confirm(work, stored, found, ())
        return
    sent_at = stored.sent_at or work.parts.clock()
    # At most the settle time, also after the clock was set back.
    rest_s = min(work.flow.settle_s, work.flow.settle_s - (work.parts.clock() - sent_at).total_seconds())
    if rest_s > 0:
        _mark(work, stored, "unknown", reason="not seen yet")
        raise Later(rest_s, "settling an unknown outcome")
    if stored.request.is_public:
        _mark(work, stored, "waiting", reason="nobody knows whether this public reply went out: look at the ticket")
        return
    if stored.attempts >= MAX_TRIES or _tries(work, stored) >= MAX_TRIES:
        _mark(work, stored, "unknown", reason="outcome unknown after several tries")
        raise Park("a write's outcome stayed unknown after several tries")
    work.read_again()
    _rebase(work, "not found after the settle time", also=stored, always=True)


def _look_for(work: Work, stored: StoredRequest) -> str | None:
    """The vendor's id of what this request left in the ticket ("" where it left no message), or None if it is not there."""
    request = stored.request
    if request.marker:
        return work.helpdesk.find_marker(work.run.key, request.marker)
    writes = [work.run.plan.writes[place].write for place in request.writes]
    ticket = work.read_again()
    reply = next((write for write in writes if isinstance(write, Reply)), None)
    if reply is not None:
        return _our_reply(ticket.messages, reply, stored)
    return "" if planner.is_done(writes, ticket) else None


def _our_reply(messages: Iterable[Message], reply: Reply, stored: StoredRequest) -> str | None:
    wanted = _words(reply.text)
    since = stored.sent_at - REPLY_LOOKBACK if stored.sent_at else None
    for message in messages:
        is_new = since is None or message.created_at is None or message.created_at >= since
        if message.is_ours and message.is_public and is_new and _words(message.body_text) == wanted:
            return message.external_id
    return None


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def _rebase(work: Work, why: str, *, also: StoredRequest | None = None, always: bool = False) -> bool:
    """Read the ticket again and make the open requests anew on it, giving way to what a person changed meanwhile.

    False where nothing moved and the requests stand as they are (never with `always`).
    """
    fresh = work.read_again()
    if not always and not _moved(work.base, fresh):
        return False
    work.rebases += not always
    old = [each for each in _requests(work) if each.state == "intended" or (also and each.number == also.number)]
    open_writes = {place for each in old for place in each.request.writes}
    plan, places, yielded = planner.rebase(work.run.plan, open_writes, work.base, fresh)
    plan, places, outdated = _without_outdated_words(plan, places, work.base, fresh)
    new = _renumbered(
        work.helpdesk.to_requests(plan, fresh) if plan.writes else (), places, 1 + max(each.number for each in _requests(work))
    )
    with work.parts.engine.begin() as connection:
        tickets.guard(connection, work.lease)
        now = work.parts.clock()
        for each in old:
            runs.mark(connection, work.run.id, each.number, "replaced", now, reason=why)
        runs.add_requests(connection, work.run.id, new)
        runs.keep_yielded(connection, work.run.id, [to_json(each) for each in (*yielded, *outdated)])
    work.yielded += [*yielded, *outdated]
    work.base = fresh
    return True


def _moved(base: Ticket, fresh: Ticket) -> bool:
    same_words = not new_messages(base, fresh)
    names = ("priority", "status", "tags", "custom", "version", "followers", "team", "assignee")
    return not same_words or any(getattr(base, name) != getattr(fresh, name) for name in names)


def _without_outdated_words(
    plan: Plan, places: dict[int, int], base: Ticket, fresh: Ticket
) -> tuple[Plan, dict[int, int], list[Yielded]]:
    """An agent has answered meanwhile: a suggested reply or a public one of ours would come too late."""
    if not any(message.is_agent_reply for message in new_messages(base, fresh)):
        return plan, places, []
    kept = [place for place, planned in enumerate(plan.writes) if not isinstance(planned.write, Note | Reply)]
    gone = [
        Yielded(field=planned.write.kind, wanted="written", found="an agent has answered", rules=planned.rules)
        for planned in plan.writes
        if isinstance(planned.write, Note | Reply)
    ]
    writes = tuple(plan.writes[place] for place in kept)
    return replace(plan, writes=writes), {new: places[old] for new, old in enumerate(kept)}, gone


def _renumbered(made: Sequence[Request], places: dict[int, int], first: int) -> list[Request]:
    """Requests on a part of the plan, with the positions of the whole plan and the next free numbers."""
    return [
        replace(request, number=first + place, writes=tuple(places[each] for each in request.writes))
        for place, request in enumerate(made)
    ]


def _confirm(work: Work, stored: StoredRequest, external_id: str, not_applied: tuple[int, ...]) -> None:
    _mark(work, stored, "confirmed", external_id=external_id, not_applied=not_applied)


def _mark(
    work: Work, stored: StoredRequest, state: str, *, external_id: str = "", reason: str = "", not_applied: Sequence[int] = ()
) -> None:
    with work.parts.engine.begin() as connection:
        tickets.guard(connection, work.lease)
        runs.mark(
            connection,
            work.run.id,
            stored.number,
            state,
            work.parts.clock(),
            external_id=external_id,
            reason=reason,
            not_applied=not_applied,
        )


def requestable(helpdesk: Helpdesk, plan: Plan, ticket: Ticket, refused: Callable[[int, str], None]) -> list[Request]:
    """The plan's vendor requests; a write that the adapter refuses outright (a team that does not exist) is left out and
    told to `refused` with its position, and the others still go."""
    try:
        return helpdesk.to_requests(plan, ticket)
    except (WriteRejected, Unsupported):
        places: dict[int, int] = {}
        for place, planned in enumerate(plan.writes):
            try:
                helpdesk.to_requests(replace(plan, writes=(planned,)), ticket)
            except (WriteRejected, Unsupported) as error:
                refused(place, str(error))
            else:
                places[len(places)] = place
    left = replace(plan, writes=tuple(plan.writes[place] for place in places.values()))
    return _renumbered(helpdesk.to_requests(left, ticket), places, 1)
