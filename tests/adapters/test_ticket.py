"""The unified model: what follows from its fields."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from adapters.codec import dumps, loads
from adapters.ticket import Direction, Message, MessageKind, Person, Priority, Ticket, TicketKey, TicketKind, Visibility

ASKED = Message(external_id="1", body_text="Help")
ANSWERED = Message(external_id="2", direction=Direction.OUT)
NOTED = Message(external_id="3", direction=Direction.NONE, visibility=Visibility.INTERNAL, kind=MessageKind.NOTE)
AGAIN = Message(external_id="4")


def test_priorities_are_compared_by_rank() -> None:
    assert [Priority(word).rank for word in ("none", "low", "normal", "high", "urgent")] == [0, 1, 2, 3, 4]


def test_a_key_is_read_as_it_was_printed() -> None:
    key = TicketKey("acme", TicketKind.CONVERSATION, "21/54")

    assert TicketKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "acme", "acme/ticket", "acme/riddle/1"])
def test_anything_else_is_no_key(text: str) -> None:
    with pytest.raises(ValueError):
        TicketKey.parse(text)


def test_a_persons_address_is_the_first() -> None:
    assert [Person(emails=("a@example.com", "b@example.com")).email, Person().email] == ["a@example.com", ""]


def test_messages_are_told_apart_by_who_speaks_to_whom() -> None:
    ticket = Ticket(messages=(ASKED, ANSWERED, NOTED, AGAIN))

    assert ticket.customer_messages == (ASKED, AGAIN)
    assert ticket.agent_replies == (ANSWERED,)
    assert ticket.last_customer_message == AGAIN


def test_nobody_wrote_on_an_empty_ticket() -> None:
    assert Ticket().last_customer_message is None


@pytest.mark.parametrize("change", [{"kind": MessageKind.EVENT}, {"visibility": Visibility.INTERNAL}])
def test_an_event_or_a_note_is_no_message_of_anybody(change: dict[str, MessageKind | Visibility]) -> None:
    said = [Message(direction=direction, **change) for direction in (Direction.IN, Direction.OUT)]  # type: ignore[arg-type]

    assert not any(each.is_from_customer or each.is_agent_reply for each in said)


def test_a_ticket_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Ticket().subject = "x"  # type: ignore[misc]


def test_a_ticket_survives_being_stored() -> None:
    ticket = Ticket(messages=(ASKED, NOTED), tags=frozenset({"b", "a"}), created_at=datetime(2026, 1, 2, tzinfo=UTC))

    assert loads(Ticket, dumps(ticket)) == ticket
