"""Open requests made anew on a fresh read, where the ticket changed under them: what a person changed meanwhile stays, what the
read shows of them is confirmed, and words that come too late are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.codec import to_json
from adapters.ticket import Ticket
from adapters.writes import Note, Plan, PlannedWrite, ProposeMacro, Reply, Write
from bot.facts.changes import new_messages
from bot.store import refused_writes, runs
from bot.store.refused_writes import RefusedWrite
from bot.store.runs import Refused, StoredRequest
from bot.writes import planner
from bot.writes.note_claims import SUGGESTION, after_an_answer, content_of, is_own_note
from bot.writes.plan_requests import renumbered
from bot.writes.planner import Yielded
from bot.writes.read_back import said, shown
from bot.writes.work import Work, confirm, recording, requests_of, without_refused


def rebase(work: Work, why: str, *, refused: StoredRequest | None = None, lost: StoredRequest | None = None) -> bool:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Of this request the helpdesk refused these parts, for this reason; and what to remember of it."""

    stored: StoredRequest
    parts: Sequence[Refused]
    why: str
    remember: Sequence[RefusedWrite]


def resend_without(work: Work, refusal: Refusal) -> None:
    """Make a refused request, and those that come after it, anew without the parts that were refused. Nothing landed of it, so
    nothing is read."""
    old = [each for each in requests_of(work) if each.state == "intended" or each.number == refusal.stored.number]
    _make_anew(work, "made anew after a refusal", old, work.base, refusal)


def _make_anew(work: Work, why: str, old: Sequence[StoredRequest], fresh: Ticket, refusal: Refusal | None = None) -> None:
    open_writes = sorted({place for each in old for place in each.request.writes})
    left = dict(without_refused(work, open_writes, refusal.parts if refusal else ()))
    planned = (replace(each, write=left.get(place, each.write)) for place, each in enumerate(work.run.plan.writes))
    plan, places, yielded = planner.rebase(replace(work.run.plan, writes=tuple(planned)), left, work.base, fresh)
    plan, places, outdated = _without_outdated_words(plan, places, work.base, fresh)
    new = renumbered(
        work.helpdesk.to_requests(plan, fresh) if plan.writes else (), places, 1 + max(each.number for each in requests_of(work))
    )
    with recording(work) as connection:
        now = work.parts.clock()
        if refusal:
            runs.mark(connection, work.run.id, refusal.stored.number, "replaced", now, reason=refusal.why, refused=refusal.parts)
            for known in refusal.remember:
                refused_writes.keep(connection, known)
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
        external_id = shown(work, each, fresh) if is_tried and is_lost else said(work, each, fresh)
        if external_id is not None:
            confirm(work, each, external_id, ())
            has_found = True
    return has_found


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
        still, is_less = _still_to_say(planned.write, plan)
        if is_less:
            part = SUGGESTION if isinstance(planned.write, Note) else planned.write.kind
            gone.append(Yielded(field=part, wanted="written", found="an agent has answered", rules=planned.rules))
        if still is not None:
            left[len(kept)] = places[place]
            kept.append(replace(planned, write=still))
    return replace(plan, writes=tuple(kept)), left, gone


def _still_to_say(write: Write, plan: Plan) -> tuple[Write | None, bool]:
    """What is left of a write once an agent has answered, and whether that is less than before."""
    match write:
        case Note() if not is_own_note(plan, write):
            return write, False
        case Note() if (content := content_of(plan)) is not None:
            left = after_an_answer(content)
            return (write if left else None), left != content
        case Note() if plan.answered_html:
            return replace(write, html=plan.answered_html), write.html != plan.answered_html
        case Note() | Reply() | ProposeMacro():
            return None, True
        case _:
            return write, False
