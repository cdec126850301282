"""Whom a reply would go to, then and now: told apart by digests that hold no address."""

from __future__ import annotations

from adapters.ticket import Person, Ticket
from bot.drafts.recipients import difference, shown_to

KEY = "a-key-for-tests"
NINA = Person(external_id="42", emails=("nina@northwind.example",))
TICKET = Ticket(requester=NINA, followers=frozenset({"otto@northwind.example", "anna.agent@example.com"}))
STAFF = ["Anna.Agent@example.com"]


def of(ticket: Ticket) -> str:
    return shown_to(ticket, STAFF, KEY)


def test_the_same_people_are_the_same_in_any_case_and_without_the_team() -> None:
    again = Ticket(requester=NINA, followers=frozenset({"OTTO@northwind.example"}))

    assert difference(of(TICKET), of(again)) == ""


def test_another_requester_and_somebody_more_in_copy_are_named() -> None:
    other = Ticket(requester=Person(external_id="43", emails=("vera@northwind.example",)), followers=TICKET.followers)
    more = Ticket(requester=NINA, followers=TICKET.followers | {"press@paper.example"})

    assert difference(of(TICKET), of(other)) == "the requester"
    assert difference(of(TICKET), of(more)) == "who is in copy"
    assert difference(of(TICKET), of(Ticket())) == "the requester and who is in copy"


def test_what_an_older_version_did_not_keep_is_no_difference() -> None:
    assert difference("", of(TICKET)) == ""


def test_no_address_is_kept() -> None:
    assert "northwind" not in of(TICKET)
    assert len(of(TICKET)) <= 64
    assert of(TICKET) != shown_to(TICKET, STAFF, "another key")
