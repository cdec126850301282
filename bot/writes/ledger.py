"""Carrying out a stored plan, each request effectively once.

A request is committed as sent before its first byte leaves. Whatever then happens, it is never believed to be unsent: an
outcome that nobody knows is settled by reading back (the note's marker; the fields themselves), by a wait for the
provider's read lag, and only then by sending again. Requests that the provider itself refuses after a change
(`is_conditional`) are rebased on a fresh read; the others are preceded by one where the snapshot is no longer fresh. Whatever is
sent on a fresh read was looked for in that very read: with its stamp the provider would take a second note as well. A public
reply whose outcome stays unknown waits for a person.
"""

from __future__ import annotations

from dataclasses import replace

from adapters.errors import AccessDenied, HelpdeskDown, Outdated, RateLimited, TicketGone
from adapters.writes import Outcome, Request, Result, Write
from bot.log import get_logger
from bot.runtime.retry import DeadLetter, RetryLater
from bot.store import refused_writes, runs
from bot.store.runs import StoredRequest
from bot.writes import duplicate_notes, refusals, unsent_reply
from bot.writes.note_claims import correct, with_note_as_it_stands
from bot.writes.read_back import look_for
from bot.writes.rebasing import Refusal, rebase, resend_without
from bot.writes.work import Work, confirm, leave, mark, recording, requests_of, without_refused

log = get_logger("ledger")
MAX_TRIES = 4
# How long to wait after each conflict with the same write, 61 s in all: an agent's click is over at once, a copy of the ticket
# that lags behind, or a trigger that answers each change, is not.
CONFLICT_WAITS_S = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
JUST_READ_S = 1.0  # from the look at how fresh a read is to the first byte of the write, at most


def carry_out(work: Work) -> list[Write]:
    """Send what is open, settle what is unknown; the writes that are confirmed in the end.

    Raises RetryLater (come again), DeadLetter (a person must look), TicketGone, and what `send` raises where nothing was sent.
    """
    for done in _confirmed(work):
        leave(work, done, done.not_applied)
    while (stored := _next_open(work) or _correction(work)) is not None:
        if not work.is_live:
            _withhold(work, stored)
        elif stored.state == "intended":
            _send(work, stored)
        else:
            _settle(work, stored)
    places = dict.fromkeys(place for each in _confirmed(work) for place in each.request.writes if place not in each.not_applied)
    return [write for _, write in without_refused(work, places)]


def _correction(work: Work) -> StoredRequest | None:
    """A note goes with its fields in one request where a helpdesk can: what the answer shows as left out is said by a second."""
    return _next_open(work) if correct(work) else None


def _confirmed(work: Work) -> list[StoredRequest]:
    return [each for each in requests_of(work) if each.state == "confirmed"]


def _next_open(work: Work) -> StoredRequest | None:
    unsent_reply.leave_out(work)
    if work.rebases > MAX_TRIES:
        raise DeadLetter("the ticket kept changing under our writes")
    return next((each for each in requests_of(work) if each.state in runs.OPEN_REQUESTS), None)


def _is_last_try(work: Work, stored: StoredRequest) -> bool:
    """True where what this request carries was sent often enough, in other shapes before: made anew and never sent is no try."""
    carried = set(stored.request.writes)
    sent = [each for each in requests_of(work) if each.state == "replaced" and each.attempts > 0 and not each.refused]
    lost = [each for each in sent if each.reason != runs.CONFLICT and carried & {*each.request.writes}]
    return len(lost) + 1 >= MAX_TRIES


def _conflicts(work: Work, stored: StoredRequest) -> int:
    """How often what this request carries met a ticket that had changed, before this time."""
    carried = {*stored.request.writes}
    met = [each for each in requests_of(work) if each.state == "replaced" and each.attempts > 0 and each.reason == runs.CONFLICT]
    return sum(bool(carried & {*each.request.writes}) for each in met)


def _withhold(work: Work, stored: StoredRequest) -> None:
    """Shadow mode writes nothing: what may have landed before is looked for, the rest stays undone."""
    found = None if stored.state == "intended" else look_for(work, stored)
    if found is None:
        mark(work, stored, "failed", reason="not written: the account is in shadow mode")
    else:
        confirm(work, stored, found, ())


def _send(work: Work, stored: StoredRequest) -> None:
    if stored.reason == runs.CONFLICT:  # it has waited since
        rebase(work, runs.CONFLICT, refused=stored)
        return
    if _is_outdated(work, stored.request) and rebase(work, "read again before the write"):
        return
    parts, run_id, number = work.parts, work.run.id, stored.number
    leaving = with_note_as_it_stands(work, stored)
    with recording(work) as connection:
        runs.mark_sent(connection, run_id, number, parts.clock())
        if leaving is not stored.request:
            runs.keep_request(connection, run_id, leaving)
        if stored.request.marker and runs.was_sent_before(connection, run_id, stored.request.marker, number):
            duplicate_notes.check_later(connection, parts, work.run.key)
    work.rebases = 0
    parts.checkpoint("intent_stored")
    work.rest_on_read(None if stored.request.is_conditional else max(JUST_READ_S, _fresh_for_s(work)))
    try:
        outcome = work.helpdesk.send(leaving)
    except (RateLimited, HelpdeskDown, AccessDenied):
        mark(work, stored, "intended")  # certainly not sent
        raise
    except Outdated as error:
        mark(work, stored, "intended")
        raise RetryLater(0.0, str(error)) from error  # whoever takes the plan up reads the ticket first
    except TicketGone as error:
        mark(work, stored, "failed", reason=error.reason)
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
            _remember_proven(work, stored)
            dropped = [*refusals.to_remember_of_dropped(work, outcome.not_applied)]
            confirm(work, stored, outcome.external_id, outcome.not_applied, dropped)
        case Result.REJECTED:
            _after_refusal(work, stored, outcome)
        case Result.UNKNOWN:
            mark(work, stored, "unknown", reason=outcome.reason)
        case _:
            _after_conflict(work, stored)


def _after_refusal(work: Work, stored: StoredRequest, outcome: Outcome) -> None:
    """Nothing of the request landed. What the helpdesk names is left out of another one; what cannot be tried so has failed, but
    a note is not lost."""
    named, left_out = refusals.named_in(work, stored, outcome), refusals.to_leave_out(work, stored, outcome)
    remember = [*refusals.to_remember(work, named, outcome)]
    log.warning(
        "write.refused",
        run=work.run.id,
        ticket=str(work.run.key),
        number=stored.number,
        operation=stored.request.operation,
        why=outcome.reason,
        named=[work.run.plan.writes[each.place].write.kind for each in named],
        is_tried_without=bool(left_out),
    )
    if refusals.is_doubtful(work, stored, outcome):
        mark(work, stored, "intended", reason=outcome.reason)  # open still: `deskhand dead retry` tries it again
        raise DeadLetter(f"a note was refused after a try whose outcome nobody knows: {outcome.reason}")
    if left_out:
        resend_without(work, Refusal(stored=stored, parts=left_out, why=outcome.reason, remember=remember))
    else:
        mark(work, stored, "failed", reason=outcome.reason, refused=named, remember=remember)


def _remember_proven(work: Work, stored: StoredRequest) -> None:
    """A request was taken that lacks the only thing a refusal can have meant."""
    asked = Outcome(result=Result.REJECTED, is_about_values=True)
    known = [
        each
        for part, why in refusals.proven_by(work, stored)
        for each in refusals.to_remember(work, [part], replace(asked, reason=why))
    ]
    if known:
        with recording(work) as connection:
            for each in known:
                refused_writes.keep(connection, each)


def _after_conflict(work: Work, stored: StoredRequest) -> None:
    """Somebody changed the ticket, or an earlier try of ours landed late: the read that a new try needs anyway tells. The first
    comes at once; each further one waits longer, and whoever takes the plan up then reads the ticket first."""
    conflicts = _conflicts(work, stored)
    if conflicts and conflicts < len(CONFLICT_WAITS_S):
        mark(work, stored, "intended", reason=runs.CONFLICT)
        raise RetryLater(CONFLICT_WAITS_S[conflicts], "the ticket changed under our write")
    if conflicts:
        mark(work, stored, "intended", reason=runs.CONFLICT)  # open still: `deskhand dead retry` tries it again
        raise DeadLetter("the ticket changed under our write each time it was tried")
    rebase(work, runs.CONFLICT, refused=stored)


def _settle(work: Work, stored: StoredRequest) -> None:
    """An unknown outcome: read back first; wait for the read lag; send again only then."""
    found = look_for(work, stored)
    if found is not None:
        confirm(work, stored, found, ())
        return
    with recording(work) as connection:
        rest_s = work.flow.settle_s - runs.sent_ago_s(connection, work.run.id, stored.number, work.parts.clock())
    if rest_s > 0:
        mark(work, stored, "unknown", reason="not seen yet")
        raise RetryLater(rest_s, "settling an unknown outcome")
    if stored.request.is_public:
        mark(work, stored, "waiting", reason="nobody knows whether this public reply went out: look at the ticket")
        return
    if _is_last_try(work, stored):
        mark(work, stored, "unknown", reason="outcome unknown after several tries")
        raise DeadLetter("a write's outcome stayed unknown after several tries")
    rebase(work, "not found after the settle time", lost=stored)
