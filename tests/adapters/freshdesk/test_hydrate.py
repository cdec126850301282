from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from responses import matchers

from adapters.errors import AccessDenied, HelpdeskDown, PayloadUnexpected, RateLimited, TicketGone
from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.thread import conversations
from adapters.ticket import AuthorKind, Channel, Direction, MessageKind, Priority, Status, TicketKey, TicketKind, TicketType
from tests.adapters.freshdesk.conftest import ADDRESS, KEY, NOW, ROOT, answer_of

TICKET = f"{ROOT}/tickets/48213"
THREAD = f"{TICKET}/conversations"


def ticket_with(**changes: Any) -> Any:
    return answer_of("ticket") | changes


def entry(number: int) -> dict[str, Any]:
    return {"id": number, "body_text": f"entry {number}", "incoming": True, "private": False, "user_id": 6001, "source": 0}


def thread_of(desk: responses.RequestsMock, count: int) -> None:
    """A thread of `count` entries behind the conversations path, paged as the vendor does."""
    pages = max(1, -(-count // 100))
    for page in range(1, 2 * pages + 20):
        found = [entry(number) for number in range((page - 1) * 100 + 1, min(page * 100, count) + 1)]
        link = {"link": f'<{THREAD}?page={page + 1}&per_page=100>; rel="next"'} if page < pages else {}
        expected = matchers.query_param_matcher({"page": page, "per_page": 100})
        desk.get(THREAD, json=found, headers=link, match=[expected])


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


def test_requester_company_and_custom_fields_are_read_whole(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=answer_of("ticket"))

    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert ticket.requester.emails == ("clara.chief@northwind.example", "cc@northwind.example")
    assert ticket.requester.title == "Chief Executive Officer"
    assert ticket.company is not None
    assert (ticket.company.tier, ticket.company.arr, ticket.company.csm) == ("enterprise", 120000.0, "lead.lena@example.com")
    assert (ticket.company.health, ticket.company.renewal_at) == (20.0, datetime(2027, 1, 31, tzinfo=UTC))
    assert ticket.custom == {"seats": 250.0, "contract_ends": "2027-01-31", "beta": True, "products": None}
    assert ticket.assignee is not None
    assert ticket.assignee.email == "anna.agent@example.com"
    assert ticket.team is not None
    assert ticket.team.name == "Tier 1"


def test_people_that_may_not_be_read_are_known_by_what_came_along(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    vendor.get(TICKET, json=ticket_with(responder_id=None, group_id=None))
    vendor.get(f"{ROOT}/agents/me", json=answer_of("agent_me"))
    vendor.get(f"{ROOT}/contacts/6001", status=404)
    vendor.get(f"{ROOT}/companies/9", status=403, json={"code": "access_denied"})

    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert ticket.requester.email == "clara.chief@northwind.example"
    assert ticket.company is not None
    assert (ticket.company.name, ticket.company.tier) == ("Northwind", None)
    assert ticket.assignee is None


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


def test_ten_conversations_mean_that_there_may_be_more(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=ticket_with(conversations=[entry(number) for number in range(1, 11)]))
    thread_of(desk, 230)

    ticket = hydrate(KEY, api)

    assert ticket.message_count == 231
    assert [message.external_id for message in ticket.messages][:2] == ["first", "1"]
    assert ticket.messages[-1].body_text == "entry 230"


def test_a_huge_thread_is_entered_from_behind(desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi]) -> None:
    thread_of(desk, 5_040)

    thread = conversations(48213, connect(max_messages=100), 100)

    assert thread.count == 5_040
    assert [part["id"].whole() for part in thread.parts] == list(range(4_941, 5_041))
    assert len(desk.calls) < 20


def test_a_page_that_names_itself_as_next_ends_the_reading(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(THREAD, json=[entry(1)], headers={"link": f'<{THREAD}?page=1>; rel="next"'})

    assert conversations(48213, api, 500).count == 1


def test_a_next_page_on_another_host_is_refused(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(THREAD, json=[entry(1)], headers={"link": '<https://evil.example.com/?page=2>; rel="next"'})

    with pytest.raises(HelpdeskDown, match="another host"):
        conversations(48213, api, 500)

    assert all(str(call.request.url).startswith(ADDRESS) for call in desk.calls)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, TicketGone), (403, TicketGone), (401, AccessDenied), (429, RateLimited), (418, HelpdeskDown)],
)
def test_a_refused_read_says_what_happens_next(
    desk: responses.RequestsMock, api: FreshdeskApi, status: int, error: type[Exception]
) -> None:
    desk.get(TICKET, status=status, headers={"Retry-After": "30"})

    with pytest.raises(error) as refusal:
        hydrate(KEY, api)

    assert "sandbox-freshdesk-key" not in str(refusal.value)


def test_a_read_is_tried_again_after_a_5xx(
    desk: responses.RequestsMock, api: FreshdeskApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    desk.get(TICKET, status=502)
    desk.get(TICKET, json=answer_of("ticket"))

    assert hydrate(KEY, api).external_id == "48213"


@pytest.mark.parametrize("external_id", ["../agents", "1?x=2", "", "-1", "٣"])
def test_an_id_that_is_no_number_never_reaches_a_path(
    vendor: responses.RequestsMock, api: FreshdeskApi, external_id: str
) -> None:
    with pytest.raises(PayloadUnexpected):
        hydrate(TicketKey("north", TicketKind.TICKET, external_id), api)

    assert not vendor.calls


def test_a_rating_is_read_only_when_asked_for(desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi]) -> None:
    desk.get(TICKET, json=answer_of("ticket"))
    rating = {"ratings": {"default_question": -103}, "feedback": "slow", "created_at": "2026-11-20T09:30:00Z"}
    desk.get(f"{TICKET}/satisfaction_ratings", json=[rating])

    quiet, asked = hydrate(KEY, connect()), hydrate(KEY, connect(options={"ratings": True}))

    assert quiet.rating is None
    assert (asked.rating, asked.rating_raw, asked.rating_comment) == (1, "-103", "slow")
