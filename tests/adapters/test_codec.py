"""Canonical JSON of the model: exact both ways, and the same bytes whatever the order of sets."""

from datetime import UTC, datetime

from adapters.codec import dumps, loads
from adapters.ticket import Message, Person, Priority, Ticket, TicketKey, TicketKind
from adapters.writes import AddTags, Plan, PlannedWrite, SetField, SetPriority

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)


def test_a_ticket_survives_the_way_there_and_back() -> None:
    ticket = Ticket(
        subject="Down",
        tags=frozenset({"b", "a"}),
        messages=(Message(body_text="help", created_at=AT),),
        custom={"plan": ("x", "y"), "seats": 3, "beta": True, "signed": "2026-01-01", "share": 0.5},
        requester=Person(emails=("ada@example.com",)),
        read_at=AT,
        raw={"id": 1},
    )

    assert loads(Ticket, dumps(ticket)) == ticket


def test_a_plan_keeps_its_kinds_of_writes() -> None:
    writes = (AddTags(tags=frozenset({"vip"})), SetPriority(priority=Priority.HIGH), SetField(slug="seats", value=3))
    plan = Plan(ticket=TicketKey("acme", TicketKind.TICKET, "1"), writes=tuple(PlannedWrite(write=each) for each in writes))

    assert loads(Plan, dumps(plan)) == plan


def test_sets_are_written_in_one_order() -> None:
    tags = [f"tag-{number}" for number in range(50)]

    assert dumps(Ticket(tags=frozenset(tags))) == dumps(Ticket(tags=frozenset(reversed(tags))))
