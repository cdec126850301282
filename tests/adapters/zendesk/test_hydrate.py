"""Reading a Zendesk ticket: what it costs, and what becomes of the vendor's words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses

from adapters.errors import PayloadUnexpected
from adapters.ticket import Channel, Priority, Status, TicketType
from adapters.zendesk.hydrate import hydrate
from tests.adapters.zendesk.account import ADDRESS, KEY, answers, client, fixture, reads
from tests.adapters.zendesk.reading import changed, follow_up


def test_a_new_ticket_costs_one_read(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    hydrate(KEY, client())

    assert reads(desk) == ["/tickets/42"]


def test_a_follow_up_costs_two_reads_once_we_know_ourselves(desk: responses.RequestsMock) -> None:
    follow_up(desk)
    api = client()

    hydrate(KEY, api)
    hydrate(KEY, api)

    assert reads(desk) == ["/tickets/42", "/tickets/42/comments", "/users/me", "/tickets/42", "/tickets/42/comments"]


def test_a_new_ticket_in_our_words(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    ticket = hydrate(KEY, client())

    assert (ticket.key, ticket.number, ticket.url) == (KEY, "42", f"{ADDRESS}/agent/tickets/42")
    assert (ticket.status, ticket.priority, ticket.priority_raw) == (Status.NEW, Priority.NONE, "")
    assert (ticket.type, ticket.channel, ticket.channel_raw) == (TicketType.INCIDENT, Channel.EMAIL, "email")
    assert ticket.tags == {"vip", "outage"}
    assert ticket.followers == {"carl@customer.example.com"}
    assert (ticket.version, ticket.is_writable) == ("2026-01-02T03:04:05Z", True)
    assert (ticket.assignee, ticket.team, ticket.rating, ticket.rating_raw) == (None, None, None, "unoffered")
    assert ticket.read_at is not None
    assert ticket.message_count == 1


def test_a_follow_up_in_our_words(desk: responses.RequestsMock) -> None:
    follow_up(desk)

    ticket = hydrate(KEY, client())

    assert (ticket.status, ticket.status_raw, ticket.priority) == (Status.ON_HOLD, "hold", Priority.URGENT)
    assert ticket.assignee is not None
    assert (ticket.assignee.email, ticket.team and ticket.team.name) == ("anna.agent@example.com", "Tier 1")
    assert (ticket.rating, ticket.rating_comment, ticket.reopen_count) == (5, "Thanks!", 2)
    assert ticket.solved_at == datetime(2026, 1, 2, 4, 30, tzinfo=UTC)
    assert ticket.first_replied_at == datetime(2026, 1, 2, 3, 30, tzinfo=UTC)
    assert ticket.waiting_since == datetime(2026, 1, 2, 4, 10, tzinfo=UTC)  # the out-of-office does not wait


def test_without_side_loads_everything_is_fetched_once(desk: responses.RequestsMock) -> None:
    ticket = {name: value for name, value in fixture("follow_up")["ticket"].items() if name != "comment_count"}
    comments = {name: value for name, value in fixture("comments").items() if name != "users"}
    answers(desk, "/tickets/42", json={"ticket": ticket})
    answers(desk, "/tickets/42/comments", json=comments)
    answers(desk, "/users/show_many", json={"users": fixture("comments")["users"]})
    answers(desk, "/organizations/3001", json={"organization": fixture("follow_up")["organizations"][0]})
    answers(desk, "/groups", "groups")
    answers(desk, "/users/me", "me")
    api = client()

    ticket_read = hydrate(KEY, api)
    first_reads = reads(desk)
    hydrate(KEY, api)

    assert sorted(first_reads) == sorted(
        ["/tickets/42", "/tickets/42/comments", "/users/show_many", "/organizations/3001", "/groups", "/users/me"]
    )
    assert reads(desk)[6:] == ["/tickets/42", "/tickets/42/comments"]
    assert ticket_read.company is not None
    assert ticket_read.team is not None
    assert (ticket_read.company.name, ticket_read.team.name) == ("Northwind", "Tier 1")
    assert ticket_read.requester is not None


def test_a_deleted_company_is_no_company(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket")
    answer["organizations"] = []
    answers(desk, "/tickets/42", json=answer)
    answers(desk, "/organizations/3001", status=404, json={"error": "RecordNotFound"})

    assert hydrate(KEY, client()).company is None


@pytest.mark.parametrize("name", ["requester_id", "submitter_id"])
def test_a_ticket_without_people_is_still_a_ticket(desk: responses.RequestsMock, name: str) -> None:
    answers(desk, "/tickets/42", json=changed("new_ticket", **{name: None}, subject=None, description=None, via=None))

    ticket = hydrate(KEY, client())

    assert (ticket.subject, ticket.channel, len(ticket.messages)) == ("", Channel.OTHER, 1)


def test_a_closed_ticket_takes_no_writes(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", json=changed("new_ticket", status="closed"))

    ticket = hydrate(KEY, client())

    assert (ticket.status, ticket.is_writable) == (Status.CLOSED, False)


def test_a_ticket_in_the_bin_is_deleted_and_unknown_words_are_other(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", json=changed("new_ticket", status="deleted", type="riddle", via={"channel": 9999}))

    ticket = hydrate(KEY, client())

    assert (ticket.is_deleted, ticket.is_writable, ticket.status) == (True, False, Status.OTHER)
    assert (ticket.type, ticket.type_raw, ticket.channel, ticket.channel_raw) == (
        TicketType.OTHER,
        "riddle",
        Channel.OTHER,
        "9999",
    )


def test_an_answer_of_another_shape_names_the_place(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", json={"tickets": []})

    with pytest.raises(PayloadUnexpected, match=r"\$\.ticket: wanted an object, found nothing"):
        hydrate(KEY, client())
