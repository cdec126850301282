from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.ticket import AuthorKind, Channel, Direction, MessageKind, Priority, Status, TicketType
from tests.adapters.freshdesk.conftest import ADDRESS, KEY, NOW, TICKET, answer_of, ticket_with


def test_one_call_brings_the_whole_ticket_once_caches_are_warm(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    hydrate(KEY, api)
    desk.calls.reset()

    ticket = hydrate(KEY, api)

    assert [call.request.url for call in desk.calls] == [f"{TICKET}?include=conversations%2Crequester%2Ccompany%2Cstats"]
    assert (ticket.subject, ticket.status, ticket.priority) == ("Everything is down", Status.OPEN, Priority.HIGH)
    assert (ticket.channel, ticket.type, ticket.url) == (Channel.EMAIL, TicketType.INCIDENT, f"{ADDRESS}/a/tickets/48213")
    assert ticket.tags == {"vip", "outage"}
    assert ticket.followers == {"otto.ops@northwind.example", "lead@northwind.example"}
    assert ticket.first_replied_at == datetime(2026, 11, 20, 9, 10, tzinfo=UTC)
    assert ticket.read_at == NOW
    assert ticket.version == ""
    assert ticket.key == KEY


def test_messages_stand_in_order_of_time_with_the_description_first(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=answer_of("ticket"))

    first, reply, note, again = hydrate(KEY, api).messages

    assert (first.external_id, first.body_text, first.author_name) == ("first", "Nothing loads since nine.", "Clara Chief")
    assert first.attachments[0].name == "screen.png"
    assert (reply.author_kind, reply.author_name, reply.is_agent_reply) == (AuthorKind.AGENT, "Anna Agent", True)
    assert (note.kind, note.direction, note.is_public, note.is_ours) == (MessageKind.NOTE, Direction.NONE, False, True)
    assert note.author_kind is AuthorKind.BOT
    assert again.is_from_customer


@pytest.mark.parametrize(
    ("status", "answered", "ours"),
    [
        (2, True, Status.OPEN),
        (2, False, Status.NEW),
        (3, False, Status.PENDING),
        (4, True, Status.SOLVED),
        (5, True, Status.CLOSED),
        (6, True, Status.PENDING),
        (7, True, Status.ON_HOLD),
        (12, True, Status.ON_HOLD),
        (99, True, Status.OTHER),
    ],
)
def test_statuses_are_numbers_and_accounts_name_their_own(
    desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi], status: int, answered: bool, ours: Status
) -> None:
    quiet = {} if answered else {"conversations": [], "stats": {"first_responded_at": None}}
    desk.get(TICKET, json=ticket_with(status=status, **quiet))

    ticket = hydrate(KEY, connect(options={"statuses": {"12": "on_hold"}}))

    assert (ticket.status, ticket.status_raw) == (ours, str(status))


@pytest.mark.parametrize("statuses", [{"7": "on hold"}, {"seven": "on_hold"}, ["on_hold"]])
def test_a_wrong_status_option_names_the_account(
    desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi], statuses: Any
) -> None:
    desk.get(TICKET, json=answer_of("ticket"))

    with pytest.raises(ValueError, match=r"account north: options\.statuses"):
        hydrate(KEY, connect(options={"statuses": statuses}))


@pytest.mark.parametrize("mark", ["spam", "deleted", "archived"])
def test_spam_deleted_and_archived_tickets_are_not_writable(desk: responses.RequestsMock, api: FreshdeskApi, mark: str) -> None:
    desk.get(TICKET, json=ticket_with(**{mark: True}))

    assert not hydrate(KEY, api).is_writable


def test_an_unknown_source_type_and_priority_are_kept_raw(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=ticket_with(source=41, type="Loan", priority=None))

    ticket = hydrate(KEY, api)

    assert (ticket.channel, ticket.channel_raw) == (Channel.OTHER, "41")
    assert (ticket.type, ticket.type_raw) == (TicketType.OTHER, "Loan")
    assert ticket.priority is Priority.NONE


def test_a_missing_requester_and_nulls_do_no_harm(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    nothing = {"requester": None, "requester_id": None, "company": None, "company_id": None, "stats": None, "conversations": None}
    desk.get(TICKET, json=ticket_with(tags=None, description=None, description_text=None, cc_emails=None, **nothing))

    ticket = hydrate(KEY, api)

    assert (ticket.requester, ticket.company, ticket.description) == (None, None, "")


def test_a_rating_is_read_only_when_asked_for(desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi]) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    rating = {"ratings": {"default_question": -103}, "feedback": "slow", "created_at": "2026-11-20T09:30:00Z"}
    desk.get(f"{TICKET}/satisfaction_ratings", json=[rating])

    quiet, asked = hydrate(KEY, connect()), hydrate(KEY, connect(options={"ratings": True}))

    assert quiet.rating is None
    assert (asked.rating, asked.rating_raw, asked.rating_comment) == (1, "-103", "slow")


@pytest.mark.parametrize("plain", ["", None, "  \n"])
@pytest.mark.parametrize(
    ("markup", "words"),
    [
        (
            "<html><head><style>p.x{color:red}</style></head><body><p>It is broken.<br>Please cancel.</p></body></html>",
            "It is broken.\nPlease cancel.",
        ),
        ("<div>Yes.</div><div>On Monday Ann wrote:</div><blockquote>No.</blockquote>", "Yes.\nOn Monday Ann wrote:\nNo."),
        ("<script>track() {}</script><p>Yes.</p>", "Yes."),
        ("<table><tr><td>one</td></tr><tr><td>two</td></tr></table>", "one\ntwo"),
        ("5 &lt; 6 &amp; 7", "5 < 6 & 7"),
    ],
)  # fmt: skip
def test_markup_without_plain_text_keeps_its_lines_and_no_style(
    desk: responses.RequestsMock, api: FreshdeskApi, plain: str | None, markup: str, words: str
) -> None:
    said = {"id": 1, "body_text": plain, "body": markup, "incoming": True, "private": False, "user_id": 6001, "source": 0}
    desk.get(TICKET, json=ticket_with(description_text=plain, description=markup, conversations=[said]))

    first, second = hydrate(KEY, api).messages

    assert first.body_text == second.body_text
    assert [line.strip() for line in first.body_text.splitlines()] == words.splitlines()
