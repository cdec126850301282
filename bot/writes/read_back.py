"""What a request left in the ticket, where its answer never came: the note with its marker, our reply's words, or fields as it
wants them.
"""

from __future__ import annotations

from adapters.ticket import Ticket
from adapters.writes import Reply
from bot.store.runs import StoredRequest
from bot.writes import planner
from bot.writes.work import Work


def look_for(work: Work, stored: StoredRequest) -> str | None:
    """The vendor's id of what this request left in the ticket ("" where it left no message), or None if it is not there."""
    if stored.request.marker:
        return work.helpdesk.find_marker(work.run.key, stored.request.marker)
    return shown(work, stored, work.read_again())


def shown(work: Work, lost: StoredRequest, fresh: Ticket) -> str | None:
    """The vendor's id of what this request left in the ticket ("" where it left no message), or None if it is not there. Only for
    one that may have landed: fields that are as it wants them a person may have set."""
    writes = [work.run.plan.writes[place].write for place in lost.request.writes]
    if lost.request.marker or any(isinstance(write, Reply) for write in writes):
        return said(work, lost, fresh)
    return "" if planner.is_done(writes, fresh) else None


def said(work: Work, stored: StoredRequest, fresh: Ticket) -> str | None:
    """The vendor's id of the note or reply of this request, or None where the ticket has none."""
    if stored.request.marker:
        notes = (message for message in fresh.messages if message.is_ours and not message.is_public)
        return next((note.external_id for note in notes if stored.request.marker in note.body_text + note.body_html), None)
    replies = [write for place in stored.request.writes if isinstance(write := work.run.plan.writes[place].write, Reply)]
    return _our_reply(work, fresh, replies[0]) if replies else None


def _our_reply(work: Work, fresh: Ticket, reply: Reply) -> str | None:
    """Our public message of these words that was not there when the plan was made. The helpdesk's clock is not asked."""
    known, wanted = {message.external_id for message in work.run.ticket.messages}, _words(reply.text)
    for message in fresh.messages:
        is_new = message.external_id not in known
        # In whose name it came out nobody knows yet: the helpdesk may have refused the agent's.
        is_theirs = message.is_ours or (reply.author != "" and message.author_id == reply.author)
        if is_theirs and message.is_public and is_new and _words(message.body_text) == wanted:
            return message.external_id
    return None


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
