"""Two equal notes of ours in one ticket: how they are recognised and counted.

A helpdesk without conditional writes may apply a request long after its answer was lost, when it was sent again already. Nobody
can forbid that; so whoever reads a ticket looks, and where a note was sent twice the ticket is read again later on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import Connection

from adapters.ticket import Event, Ticket, TicketKey
from bot.log import get_logger
from bot.runtime.bootstrap import Runtime
from bot.store import due, duplicate_notes, runs
from bot.store.duplicate_notes import Double

log = get_logger("doubles")
CHECK = "double_check"  # what such a time in `due` is called, and the event that comes of it
CHECKS_AFTER = (3.0, 60.0)  # settle times after the second sending: 30 s and 10 min by default


def find(ticket: Ticket, markers: Collection[str]) -> list[Double]:
    """Each internal note of ours beyond the first with the same one of these markers, oldest first. Pure."""
    notes = [message for message in ticket.messages if message.is_ours and not message.is_public]
    found: list[Double] = []
    for marker in sorted(markers):
        ids = [message.external_id for message in notes if marker in message.body_html or marker in message.body_text]
        found += [Double(key=ticket.key, marker=marker, first_id=ids[0], second_id=each) for each in ids[1:]]
    return found


def look(parts: Runtime, ticket: Ticket) -> int:
    """Count the doubles that this read shows and that nobody counted before; how many."""
    if sum(message.is_ours and not message.is_public for message in ticket.messages) < 2:
        return 0
    new = []
    with parts.engine.begin() as connection:
        for double in find(ticket, runs.markers(connection, ticket.key)):
            if duplicate_notes.record(connection, double, parts.clock()):
                new.append(double)
    for double in new:
        log.warning("note.doubled", ticket=str(ticket.key), marker=double.marker, first=double.first_id, second=double.second_id)
    return len(new)


def check_later(connection: Connection, parts: Runtime, key: TicketKey) -> None:
    """A note is being sent again: have the ticket read when a late first one must have come too."""
    now = parts.clock()
    for settles in CHECKS_AFTER:
        due.add_due(connection, key, now + timedelta(seconds=settles * parts.settings.flow.settle_s), CHECK, {})


def is_check(event: Event) -> bool:
    return event.kind_raw == CHECK and event.delivery_key.startswith("internal:due:")
