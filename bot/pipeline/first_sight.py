"""A ticket is met for the first time: webhooks keep no order, so what came first need not be what happened first.

A ticket whose first delivery does not tell of its creation is claimed some moments later (bot/intake/receiver.py). Where its
creation came first and the ticket shows more than was told, the rest is under way: it is listened for, before anything is
decided that an agent may have decided already. Nothing is read again, and what is overheard is worked on in its own run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.ticket import Event, EventType, MessageKind, Ticket
from bot.pipeline.steps import RunInputs
from bot.runtime.bootstrap import Runtime
from bot.store import deliveries
from bot.store.database.engine import reading
from bot.store.deliveries import Pending

AT_ONCE = timedelta(seconds=2)  # helpdesks' own automations touch a new ticket so soon


def listened(parts: Runtime, seen: RunInputs, waiting: Sequence[Pending]) -> RunInputs:
    """The same for a ticket that is known; at first sight with what was overheard. `waiting`: what the run covers."""
    if seen.before is not None:
        return seen

    def look() -> list[Pending]:
        with reading(parts.engine) as connection:
            return deliveries.pending(connection, seen.ticket.key)

    heard = overheard(seen.ticket, waiting, look, parts.clock, parts.settings.flow.first_sight_s)
    return replace(seen, overheard=heard)


def overheard(
    ticket: Ticket,
    waiting: Sequence[Pending],
    look: Callable[[], Sequence[Pending]],
    clock: Callable[[], datetime],
    first_sight_s: float,
) -> tuple[Event, ...]:
    """Events that this run does not cover and that `look` finds, `first_sight_s` after the first delivery; none, and no waiting,
    where the creation is all that seems to have happened. Blocks a worker for that long at most."""
    said = [event for each in waiting for event in each.events]
    if not any(event.type is EventType.TICKET_CREATED for event in said) or not shows_more(ticket, said):
        return ()
    since_s = (clock() - min(each.received_at for each in waiting)).total_seconds()
    time.sleep(min(max(first_sight_s - since_s, 0.0), first_sight_s))
    covered = {each.seq for each in waiting}
    return tuple(event for each in look() if each.seq not in covered for event in each.events)


def shows_more(ticket: Ticket, said: Sequence[Event]) -> bool:
    """More messages than events, or a change some time after the creation of which no event tells."""
    messages = [each for each in ticket.messages if not each.is_ours and each.kind is not MessageKind.EVENT]
    if len(messages) > len(said):
        return True
    if ticket.updated_at is None or ticket.created_at is None or ticket.updated_at - ticket.created_at <= AT_ONCE:
        return False
    told_until = max((event.occurred_at for event in said if event.occurred_at), default=ticket.created_at)
    return ticket.updated_at - told_until > AT_ONCE
