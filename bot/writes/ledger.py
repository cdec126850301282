"""Carrying out a stored plan, each request effectively once.

A request is committed as sent before its first byte leaves. Whatever then happens, it is never believed to be unsent: an
outcome that nobody knows is settled by reading back (the note's marker; the fields themselves), by a wait for the
provider's read lag, and only then by sending again. Requests that the provider itself refuses after a change
(`is_conditional`) are rebased on a fresh read; the others are preceded by one where the snapshot is no longer fresh. Whatever is
sent on a fresh read was looked for in that very read: with its stamp the provider would take a second note as well. A public
reply whose outcome stays unknown waits for a person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from adapters.codec import to_json
from adapters.errors import AccessDenied, HelpdeskDown, Outdated, RateLimited, TicketGone, Unsupported, WriteRejected
from adapters.helpdesk import Helpdesk
from adapters.ticket import Ticket
from adapters.writes import AddTags, Note, Outcome, Plan, PlannedWrite, ProposeMacro, Reply, Request, Result, Write
from bot.config import FlowSettings
from bot.facts.changes import new_messages
from bot.log import get_logger
from bot.runtime.bootstrap import Runtime
from bot.runtime.retry import DeadLetter, RetryLater
from bot.store import runs, tickets
from bot.store.database.engine import reading
from bot.store.runs import StoredRequest, StoredRun
from bot.store.tickets import Lease
from bot.writes import duplicate_notes, planner
from bot.writes.planner import Yielded

log = get_logger("ledger")
MAX_TRIES = 4
JUST_READ_S = 1.0  # from the look at how fresh a read is to the first byte of the write, at most
SUGGESTION = "suggestion"  # how `yielded` names the part of a note that came too late


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
    rest_on_read: Callable[[float | None], None]  # see Held
    known: tuple[StoredRequest, ...] | None = None  # the run's requests as they are stored, until one of them changes

    @property
    def flow(self) -> FlowSettings:
        return self.parts.settings.flow

    @property
    def is_live(self) -> bool:
        """False where the account was put into shadow mode after this plan was stored."""
        return self.parts.settings.account(self.run.key.account).mode == "live"

    def leave(self, places: Iterable[int]) -> None:
        """These writes of the plan are in the ticket: what differs from them later on was somebody else."""
        self.base = as_left(self.helpdesk, self.base, [self.run.plan.writes[place].write for place in places])

    def read_again(self) -> Ticket:
        self.ticket = self.helpdesk.hydrate(self.run.key)
        duplicate_notes.look(self.parts, self.ticket)
        return self.ticket


def carry_out(work: Work) -> list[Write]:
    """Send what is open, settle what is unknown; the writes that are confirmed in the end.

    Raises Later (come again), Park (a person must look), TicketGone, and what `send` raises where nothing was sent.
    """
    for done in _confirmed(work):
        _leave(work, done, done.not_applied)
    while (stored := _next_open(work)) is not None:
        if not work.is_live:
            _withhold(work, stored)
        elif stored.state == "intended":
            _send(work, stored)
        else:
            _settle(work, stored)
    places = dict.fromkeys(place for each in _confirmed(work) for place in each.request.writes if place not in each.not_applied)
    return [work.run.plan.writes[place].write for place in places]


def as_left(helpdesk: Helpdesk, ticket: Ticket, writes: Sequence[Write]) -> Ticket:
    """The ticket as a read shows it after these writes."""
    shown = [write for write in writes if helpdesk.adapter.capabilities[write.kind].is_read_back]
    shown += carriers(helpdesk, writes)
    return planner.with_people(planner.after(ticket, shown), shown, helpdesk.teams, helpdesk.agents)


def carriers(helpdesk: Helpdesk, writes: Iterable[Write]) -> list[Write]:
    """What these writes put on beside what they name: the tags by which a helpdesk carries what it has no field for."""
    tags = frozenset(tag for write in writes for tag in helpdesk.carrier_tags(write))
    return [AddTags(tags=tags)] if tags else []


def not_applied(plan: Plan, outcome: Sequence[StoredRequest]) -> list[str]:
    """What the helpdesk's own answers show as not changed although it said yes, in words."""
    lost = sorted({place for each in outcome if each.state == "confirmed" for place in each.not_applied})
    return [f"not applied: {planner.in_words(plan.writes[place].write)}" for place in lost]


def requests_of(work: Work) -> tuple[StoredRequest, ...]:
    """The requests of the run as they are now. Under the lease nobody changes them but `_recording`."""
    if work.known is None:
        with reading(work.parts.engine) as connection:
            work.known = runs.of_run(connection, work.run.id)
    return work.known


@contextmanager
def _recording(work: Work) -> Iterator[Connection]:
    """A transaction in which requests change, refused where the lease is lost."""
    work.known = None
    with work.parts.engine.begin() as connection:
        tickets.guard(connection, work.lease)
        yield connection


def _confirmed(work: Work) -> list[StoredRequest]:
    return [each for each in requests_of(work) if each.state == "confirmed"]


def _next_open(work: Work) -> StoredRequest | None:
    if work.rebases > MAX_TRIES:
        raise DeadLetter("the ticket kept changing under our writes")
    return next((each for each in requests_of(work) if each.state in runs.OPEN_REQUESTS), None)


def _is_last_try(work: Work, stored: StoredRequest) -> bool:
    """True where what this request carries was sent often enough, in other shapes before: made anew and never sent is no try."""
    carried = set(stored.request.writes)
    before = sum(
        each.state == "replaced" and each.attempts > 0 and bool(carried & {*each.request.writes}) for each in requests_of(work)
    )
    return before + 1 >= MAX_TRIES


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
    with _recording(work) as connection:
        runs.mark_sent(connection, run_id, number, parts.clock())
        if stored.request.marker and runs.was_sent_before(connection, run_id, stored.request.marker, number):
            duplicate_notes.check_later(connection, parts, work.run.key)
    work.rebases = 0
    parts.checkpoint("intent_stored")
    work.rest_on_read(None if stored.request.is_conditional else max(JUST_READ_S, _fresh_for_s(work)))
    try:
        outcome = work.helpdesk.send(stored.request)
    except (RateLimited, HelpdeskDown, AccessDenied):
        _mark(work, stored, "intended")  # certainly not sent
        raise
    except Outdated as error:
        _mark(work, stored, "intended")
        raise RetryLater(0.0, str(error)) from error  # whoever takes the plan up reads the ticket first
    except TicketGone as error:
        _mark(work, stored, "failed", reason=error.reason)
        raise
    parts.checkpoint("response_received")
    _record(work, stored, outcome)
    parts.checkpoint("confirmed")


def _is_outdated(work: Work, request: Request) -> bool:
    """True where the snapshot is too old to count as the re-read before a write that the provider does not check itself."""
    return not request.is_conditional and (work.is_resumed or _fresh_for_s(work) < 0.0)


def _fresh_for_s(work: Work) -> float:
    """How long our newest read of the ticket counts as fresh from now on. One without a time is taken as it is."""
    if work.ticket.read_at is None:
        return 0.0
    return work.flow.snapshot_fresh_s - (work.parts.clock() - work.ticket.read_at).total_seconds()


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
        case _:
            _after_conflict(work, stored)


def _after_conflict(work: Work, stored: StoredRequest) -> None:
    """Somebody changed the ticket, or an earlier try of ours landed late: the read that a new try needs anyway tells."""
    if _is_last_try(work, stored):
        _mark(work, stored, "intended", reason=runs.CONFLICT)  # open still: `deskhand dead retry` tries it again
        raise DeadLetter("the ticket changed under our write each time it was tried")
    _rebase(work, runs.CONFLICT, refused=stored)


def _settle(work: Work, stored: StoredRequest) -> None:
    """An unknown outcome: read back first; wait for the read lag; send again only then."""
    found = _look_for(work, stored)
    if found is not None:
        _confirm(work, stored, found, ())
        return
    with _recording(work) as connection:
        rest_s = work.flow.settle_s - runs.sent_ago_s(connection, work.run.id, stored.number, work.parts.clock())
    if rest_s > 0:
        _mark(work, stored, "unknown", reason="not seen yet")
        raise RetryLater(rest_s, "settling an unknown outcome")
    if stored.request.is_public:
        _mark(work, stored, "waiting", reason="nobody knows whether this public reply went out: look at the ticket")
        return
    if _is_last_try(work, stored):
        _mark(work, stored, "unknown", reason="outcome unknown after several tries")
        raise DeadLetter("a write's outcome stayed unknown after several tries")
    _rebase(work, "not found after the settle time", lost=stored)


def _look_for(work: Work, stored: StoredRequest) -> str | None:
    """The vendor's id of what this request left in the ticket ("" where it left no message), or None if it is not there."""
    if stored.request.marker:
        return work.helpdesk.find_marker(work.run.key, stored.request.marker)
    return _shown(work, stored, work.read_again())


def _our_reply(work: Work, fresh: Ticket, reply: Reply) -> str | None:
    """Our public message of these words that was not there when the plan was made. The helpdesk's clock is not asked."""
    known, wanted = {message.external_id for message in work.run.ticket.messages}, _words(reply.text)
    for message in fresh.messages:
        is_new = message.external_id not in known
        if message.is_ours and message.is_public and is_new and _words(message.body_text) == wanted:
            return message.external_id
    return None


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()


def _rebase(work: Work, why: str, *, refused: StoredRequest | None = None, lost: StoredRequest | None = None) -> bool:
    """Read the ticket again and make the open requests anew on it, giving way to what a person changed meanwhile. What this very
    read shows of them is confirmed instead: an earlier look may have been answered by a copy that lagged behind, and a write on
    this read is taken as one that knows of everything before it.

    `refused`: the helpdesk has just not taken this request; `lost`: nobody knows what became of it. False where there is neither,
    nothing moved, and the requests stand as they are.
    """
    fresh, tried = work.read_again(), refused or lost
    has_found = _confirm_shown(work, fresh, tried, is_lost=lost is not None)
    work.is_resumed = False  # only now: a read for another reason (was an earlier request applied?) says nothing of the open ones
    old = [each for each in requests_of(work) if each.state == "intended" or _is_open(each, tried)]
    is_due = any(_is_open(each, tried) for each in old)
    if not old or not (is_due or _moved(work.base, fresh)):
        return has_found
    work.rebases += not is_due
    _make_anew(work, why, old, fresh)
    return True


def _make_anew(work: Work, why: str, old: Sequence[StoredRequest], fresh: Ticket) -> None:
    open_writes = {place for each in old for place in each.request.writes}
    plan, places, yielded = planner.rebase(work.run.plan, open_writes, work.base, fresh)
    plan, places, outdated = _without_outdated_words(plan, places, work.base, fresh)
    new = _renumbered(
        work.helpdesk.to_requests(plan, fresh) if plan.writes else (), places, 1 + max(each.number for each in requests_of(work))
    )
    with _recording(work) as connection:
        now = work.parts.clock()
        for each in old:
            runs.mark(connection, work.run.id, each.number, "replaced", now, reason=why)
        runs.add_requests(connection, work.run.id, new)
        runs.keep_yielded(connection, work.run.id, [to_json(each) for each in (*yielded, *outdated)])
    work.yielded += [*yielded, *outdated]
    work.base = fresh


def _is_open(stored: StoredRequest, wanted: StoredRequest | None) -> bool:
    return wanted is not None and stored.number == wanted.number and stored.state in runs.OPEN_REQUESTS


def _confirm_shown(work: Work, fresh: Ticket, tried: StoredRequest | None, *, is_lost: bool) -> bool:
    """Confirm the open requests that this read shows. The one that was `tried` may have landed late or unseen; one that counts as
    unsent was sent all the same where the database was restored from an older copy."""
    has_found = False
    for each in requests_of(work):
        is_tried = _is_open(each, tried)
        if not (is_tried or each.state == "intended"):
            continue
        external_id = _shown(work, each, fresh) if is_tried and is_lost else _said(work, each, fresh)
        if external_id is not None:
            _confirm(work, each, external_id, ())
            has_found = True
    return has_found


def _shown(work: Work, lost: StoredRequest, fresh: Ticket) -> str | None:
    """The vendor's id of what this request left in the ticket ("" where it left no message), or None if it is not there. Only for
    one that may have landed: fields that are as it wants them a person may have set."""
    writes = [work.run.plan.writes[place].write for place in lost.request.writes]
    if lost.request.marker or any(isinstance(write, Reply) for write in writes):
        return _said(work, lost, fresh)
    return "" if planner.is_done(writes, fresh) else None


def _said(work: Work, stored: StoredRequest, fresh: Ticket) -> str | None:
    """The vendor's id of the note or reply of this request, or None where the ticket has none."""
    if stored.request.marker:
        notes = (message for message in fresh.messages if message.is_ours and not message.is_public)
        return next((note.external_id for note in notes if stored.request.marker in note.body_text + note.body_html), None)
    replies = [write for place in stored.request.writes if isinstance(write := work.run.plan.writes[place].write, Reply)]
    return _our_reply(work, fresh, replies[0]) if replies else None


def _moved(base: Ticket, fresh: Ticket) -> bool:
    same_words = not new_messages(base, fresh)
    names = ("priority", "status", "tags", "custom", "version", "followers", "team", "assignee")
    return not same_words or any(getattr(base, name) != getattr(fresh, name) for name in names)


def _without_outdated_words(
    plan: Plan, places: dict[int, int], base: Ticket, fresh: Ticket
) -> tuple[Plan, dict[int, int], list[Yielded]]:
    """An agent has answered meanwhile: a suggested reply, a proposed macro or a public reply of ours would come too late. What
    else the note says (an escalation, what to pass on) is said all the same."""
    if not any(message.is_agent_reply for message in new_messages(base, fresh)):
        return plan, places, []
    kept: list[PlannedWrite] = []
    left: dict[int, int] = {}
    gone: list[Yielded] = []
    for place, planned in enumerate(plan.writes):
        still = _still_to_say(planned.write, plan.answered_html)
        if still is not planned.write:
            said = SUGGESTION if isinstance(planned.write, Note) else planned.write.kind
            gone.append(Yielded(field=said, wanted="written", found="an agent has answered", rules=planned.rules))
        if still is not None:
            left[len(kept)] = places[place]
            kept.append(replace(planned, write=still))
    return replace(plan, writes=tuple(kept)), left, gone


def _still_to_say(write: Write, answered_html: str) -> Write | None:
    match write:
        case Note() if answered_html:
            return write if write.html == answered_html else replace(write, html=answered_html)
        case Note() | Reply() | ProposeMacro():
            return None
        case _:
            return write


def _renumbered(made: Sequence[Request], places: dict[int, int], first: int) -> list[Request]:
    """Requests on a part of the plan, with the positions of the whole plan and the next free numbers."""
    return [
        replace(request, number=first + place, writes=tuple(places[each] for each in request.writes))
        for place, request in enumerate(made)
    ]


def _confirm(work: Work, stored: StoredRequest, external_id: str, not_applied: tuple[int, ...]) -> None:
    _mark(work, stored, "confirmed", external_id=external_id, not_applied=not_applied)
    _leave(work, stored, not_applied)


def _leave(work: Work, done: StoredRequest, not_applied: Sequence[int]) -> None:
    """A write that takes several requests (Intercom: one a tag) is in the ticket with the last of them."""
    unfinished = {place for each in requests_of(work) if each.state in runs.OPEN_REQUESTS for place in each.request.writes}
    work.leave(place for place in done.request.writes if place not in not_applied and place not in unfinished)


def _mark(
    work: Work, stored: StoredRequest, state: str, *, external_id: str = "", reason: str = "", not_applied: Sequence[int] = ()
) -> None:
    with _recording(work) as connection:
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
