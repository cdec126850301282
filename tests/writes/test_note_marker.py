"""The marker in a note: short, nobody else's, and never one that stands there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.ticket import Message, Ticket, TicketKey, TicketKind
from bot.writes.note_marker import is_marker, marker, new_marker, place_of

pytestmark = pytest.mark.both_storages


ACME = "zendesk:acme.example.com"
HERE = place_of(ACME, TicketKey("acme", TicketKind.TICKET, "7"))


def test_a_marker_is_short_stable_and_of_one_key_and_one_run() -> None:
    one = marker("key", "run-1/note", HERE)

    assert len(one) == 8
    assert one.isalnum()
    assert marker("key", "run-1/note", HERE) == one
    assert len({one, marker("other key", "run-1/note", HERE), marker("key", "run-2/note", HERE)}) == 3


def test_a_marker_is_known_again_by_its_key_on_its_ticket_only() -> None:
    one = marker("key", "run-1/note", HERE)

    assert is_marker("key", one, HERE)
    assert not is_marker("other key", one, HERE)
    assert not is_marker("key", one, HERE[:-1] + "8")
    assert not is_marker("key", one[:-1], HERE)


def test_a_new_marker_is_none_that_stands_in_the_ticket() -> None:
    customer = Message(external_id="1", body_text="Help.")
    ticket = Ticket(account="acme", kind=TicketKind.TICKET, external_id="7", messages=(customer,))
    taken = new_marker("key", "run-1/note", ticket, ACME)
    standing = Message(external_id="2", body_text=f"Deskhand · id {taken} · rules 12345678\n\nSomething.", is_ours=True)
    hidden = replace(customer, body_text=standing.body_text)

    # The newest message is the same both times, so that only the note's own characters can tell them apart.
    again = new_marker("key", "run-1/note", replace(ticket, messages=(standing, customer)), ACME)

    assert again != taken
    assert is_marker("key", again, HERE)
    assert new_marker("key", "run-1/note", replace(ticket, messages=(hidden,)), ACME) == taken


def test_a_note_is_known_whatever_the_account_is_called() -> None:
    ticket = Ticket(account="acme", kind=TicketKind.TICKET, external_id="7")

    one = new_marker("key", "run-1/note", ticket, ACME)

    assert is_marker("key", one, place_of(ACME, replace(ticket, account="renamed").key))
    assert not is_marker("key", one, place_of("zendesk:other.example.com", ticket.key))
