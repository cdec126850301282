"""What a run does to the rows of a ticket's drafts: verdicts with its plan, and at its end what became of note and reply."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from adapters.ticket import TicketKey
from adapters.writes import Plan, Reply
from bot.pipeline.draft_feedback import Verdict
from bot.pipeline.steps import PlannedRun
from bot.store import drafts, runs
from bot.writes.note_claims import SUGGESTION


def store(connection: Connection, key: TicketKey, run_id: str, made: PlannedRun, now: datetime) -> None:
    """With the plan, in its transaction."""
    for verdict in made.verdicts:
        measured = {"similarity": verdict.similarity, "band": verdict.band}
        said = {"decided_by": verdict.decided_by, "reason": verdict.reason, **_approval(verdict, run_id, now), **measured}
        drafts.move(connection, verdict.draft.id, verdict.state, now, **said)
    for draft_id, columns in made.kept:
        drafts.keep(connection, draft_id, **columns)
    for draft in drafts.in_state(connection, key, "ready"):
        drafts.move(connection, draft.id, "superseded", now, decided_by="draft.ready")
    if made.new_draft is not None:
        drafts.add(connection, key, made.new_draft)


def _approval(verdict: Verdict, run_id: str, now: datetime) -> dict[str, object]:
    """Who accepted it: of the agent no more than what names them."""
    agent = verdict.approved_by
    if agent is None:
        return {}
    name = (agent.name or agent.email)[:120]
    return {"approved_by": agent.external_id[:64], "approved_name": name, "approved_at": now, "approved_run": run_id}


def settle(
    connection: Connection, key: TicketKey, run_id: str, outcome: Sequence[runs.StoredRequest], plan: Plan, now: datetime
) -> None:
    """A draft whose note never landed is not live; one whose reply was sent is sent, and accepted no longer if it was not."""
    landed = {each.request.marker for each in outcome if each.state == "confirmed" and each.request.marker}
    too_late = runs.gave_way(connection, run_id, SUGGESTION)
    for draft in drafts.in_state(connection, key, "live"):
        if draft.run_id == run_id and (too_late or draft.marker not in landed):
            decided_by, why = ("reply", "an agent answered first") if too_late else ("helpdesk", "the note was not written")
            drafts.move(connection, draft.id, "withheld", now, decided_by=decided_by, reason=why)
    replies = {place: planned.write.text for place, planned in enumerate(plan.writes) if isinstance(planned.write, Reply)}
    said = [each for each in outcome if each.request.is_public]
    is_sent = any(each.state == "confirmed" and not {*replies} & {*each.not_applied} for each in said)
    for draft in drafts.in_state(connection, key, "accepted"):
        if draft.text in replies.values() and is_sent:
            drafts.move(connection, draft.id, "sent", now, decided_by="tag")
        elif draft.text in replies.values() and "waiting" not in {each.state for each in said}:
            drafts.move(connection, draft.id, "withheld", now, decided_by="helpdesk", reason="the reply was not sent")


def close(connection: Connection, key: TicketKey, why: str, now: datetime) -> None:
    """The ticket is gone: nobody accepts its drafts any more."""
    for draft in drafts.in_state(connection, key, "live"):
        drafts.move(connection, draft.id, "retired", now, decided_by="solved", reason=f"the ticket is {why}"[:200])
