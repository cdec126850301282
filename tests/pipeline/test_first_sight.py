"""Whether a ticket that is met for the first time shows more than was told, and what is heard of it then."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from adapters.ticket import Direction, Event, EventType, Message, Ticket
from bot.pipeline.first_sight import overheard, shows_more
from bot.store.deliveries import Pending
from tests.store.makers import NOW, event


def said(seq: int, kind: EventType, after_s: float = 0.0) -> Pending:
    told = event(delivery_key=f"evt-{seq}")
    events = (Event(provider=told.provider, type=kind, ticket=told.ticket, delivery_key=told.delivery_key, occurred_at=NOW),)
    return Pending(seq=seq, id=str(seq), received_at=NOW + timedelta(seconds=after_s), events=events)


def ticket(messages: int, changed_after_s: float = 0.0) -> Ticket:
    thread = tuple(Message(external_id=str(place), direction=Direction.IN) for place in range(messages))
    return Ticket(messages=thread, created_at=NOW, updated_at=NOW + timedelta(seconds=changed_after_s))


CREATED, EDITED = said(1, EventType.TICKET_CREATED), said(2, EventType.PRIORITY_CHANGED)


@pytest.mark.parametrize(
    ("found", "more"), [(ticket(1), False), (ticket(1, 1.5), False), (ticket(2), True), (ticket(1, 60.0), True)]
)
def test_more_messages_than_events_or_a_later_change_is_more(found: Ticket, more: bool) -> None:
    assert shows_more(found, CREATED.events) is more


def test_a_change_that_an_event_tells_of_is_no_more() -> None:
    late = event()
    edited = Event(provider=late.provider, type=EventType.TICKET_UPDATED, ticket=late.ticket, delivery_key="e", occurred_at=NOW)

    assert not shows_more(ticket(2), (*CREATED.events, edited))


def test_what_comes_meanwhile_is_heard_and_what_the_run_covers_is_not() -> None:
    began = time.monotonic()

    heard = overheard(ticket(2), [CREATED], lambda: [CREATED, EDITED], lambda: NOW, 0.05)

    assert heard == EDITED.events
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize(("found", "waiting"), [(ticket(1), [CREATED]), (ticket(2), [EDITED]), (ticket(2), [])])
def test_nobody_waits_where_the_creation_is_all_or_was_waited_for(found: Ticket, waiting: list[Pending]) -> None:
    began = time.monotonic()

    assert overheard(found, waiting, lambda: pytest.fail("looked"), lambda: NOW, 30.0) == ()
    assert time.monotonic() - began < 10


def test_the_time_counts_from_the_first_delivery() -> None:
    began = time.monotonic()
    clock = lambda: NOW + timedelta(seconds=40)  # noqa: E731

    assert overheard(ticket(2), [CREATED], lambda: [EDITED], clock, 30.0) == EDITED.events
    assert time.monotonic() - began < 10
