"""What holds only once a public reply was sent, left undone where it was not: that the ticket waits for the customer, and whose
it is. The reply's request comes before all of that (adapters), so its end is known by then; the note tells it (note_claims.py).
"""

from __future__ import annotations

from dataclasses import replace

from adapters.writes import PlannedWrite, Reply
from bot.store import runs
from bot.writes.plan_requests import renumbered
from bot.writes.work import Work, recording, requests_of


def is_reply_lost(work: Work) -> bool:
    """True where the plan has a public reply, and no request with it was confirmed or may yet be."""
    replies = {place for place, planned in enumerate(work.run.plan.writes) if isinstance(planned.write, Reply)}
    carried = [each for each in requests_of(work) if replies & {*each.request.writes}]
    return bool(carried) and not any(
        each.state in runs.OPEN_REQUESTS or (each.state == "confirmed" and not replies & {*each.not_applied}) for each in carried
    )


def leave_out(work: Work) -> None:
    """Make the requests that were not sent yet anew, without what only the reply would have made right."""
    writes = work.run.plan.writes
    due = [each for each in requests_of(work) if each.state == "intended"]
    wrong = [each for each in due if any(writes[place].after_reply for place in each.request.writes)]
    if not wrong or not is_reply_lost(work):
        return
    left = dict.fromkeys(place for each in due for place in each.request.writes if not writes[place].after_reply)
    kept: tuple[PlannedWrite, ...] = tuple(writes[place] for place in left)
    made = work.helpdesk.to_requests(replace(work.run.plan, writes=kept), work.ticket) if kept else []
    new = renumbered(made, dict(enumerate(left)), 1 + max(each.number for each in requests_of(work)))
    with recording(work) as connection:
        now = work.parts.clock()
        for each in due:
            runs.mark(connection, work.run.id, each.number, "replaced", now, reason="the reply was not sent")
        runs.add_requests(connection, work.run.id, new)
