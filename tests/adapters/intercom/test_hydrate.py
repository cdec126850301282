"""Conversations and tickets of Intercom as our Ticket."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.errors import PayloadUnexpected, TicketGone
from adapters.intercom.api import IntercomApi
from adapters.intercom.dialect import Dialect
from adapters.intercom.hydrate import Around, hydrate, to_ticket
from adapters.raw import Raw
from adapters.ticket import Channel, Priority, Status
from tests.adapters.intercom.conftest import FIELDS, KEY, TICKET, account, answer
from tests.adapters.intercom.loopback import Workspace
from tests.adapters.intercom.reading import T, conversation, part, read, tagged

CONVERSATION = f"GET /conversations/{KEY.external_id}"


def test_a_conversation_is_read_with_all_around_it(api: IntercomApi) -> None:
    ticket = hydrate(KEY, api)

    assert ticket.key == KEY
    assert ticket.subject == "The export is down for all of us 🔥"
    assert ticket.description == ticket.subject
    assert (ticket.status, ticket.status_raw) == (Status.NEW, "open")
    assert (ticket.channel, ticket.channel_raw) == (Channel.IN_APP, "conversation")
    assert ticket.tags == {"billing"}
    assert ticket.priority is Priority.HIGH
    assert ticket.custom == {"product_area": "Exports", "seats": 12, "renewal": "2026-02-09T08:00:00+00:00", "beta": True}
    assert ticket.created_at == datetime.fromtimestamp(T, UTC)
    assert ticket.message_count == 6
    assert ticket.read_at is not None


def test_a_warm_hydrate_is_one_call(api: IntercomApi, workspace: Workspace) -> None:
    hydrate(KEY, api)
    workspace.calls.clear()

    hydrate(KEY, api)

    assert workspace.lines == [CONVERSATION]


def test_a_company_within_the_conversation_needs_no_call(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = answer("conversation") | {"company": answer("company")}

    ticket = hydrate(KEY, api)

    assert ticket.company is not None
    assert ticket.company.tier == "enterprise"
    assert "GET /companies/6650aa" not in workspace.lines


def test_further_contacts_are_followers(api: IntercomApi, workspace: Workspace) -> None:
    contacts = [{"id": "66f1a0c2b7d84e0012ab34cd"}, {"id": "88"}]
    workspace.answers[CONVERSATION] = answer("conversation") | {"contacts": {"contacts": contacts}}
    workspace.answers["GET /contacts/88"] = answer("contact") | {"id": "88", "email": "kai@northwind.example"}

    assert hydrate(KEY, api).followers == {"kai@northwind.example"}


@pytest.mark.parametrize(
    ("changes", "parts", "status"),
    [
        ({}, [], Status.NEW),
        ({}, [part("note", "admin", 10)], Status.NEW),
        ({}, [part("comment", "admin", 10)], Status.OPEN),
        ({"statistics": {"first_admin_reply_at": T}}, [], Status.OPEN),
        ({"state": "snoozed"}, [part("comment", "admin", 10)], Status.ON_HOLD),
        ({"state": "closed", "open": False}, [], Status.SOLVED),
        ({"state": "frozen"}, [], Status.OTHER),
        ({"tags": tagged("Pending-Customer")}, [part("comment", "admin", 10)], Status.PENDING),
        ({"tags": tagged("pending-customer"), "state": "snoozed"}, [part("comment", "admin", 10)], Status.PENDING),
        ({"tags": tagged("pending-customer", at=T + 5)}, [part("comment", "user", 10)], Status.NEW),
        ({"tags": tagged("pending-customer", at=T + 15)}, [part("comment", "user", 10)], Status.PENDING),
        ({"tags": tagged("pending-customer", at=T + 10)}, [part("comment", "user", 10)], Status.NEW),
        ({"tags": tagged("pending-customer", at=T + 10, by="7009")}, [part("comment", "user", 10)], Status.PENDING),
        ({"tags": tagged("pending-customer")}, [part("comment", "user", 10)], Status.NEW),
        ({"tags": tagged("pending-customer"), "state": "closed"}, [], Status.SOLVED),
    ],
)
def test_the_status_is_derived(changes: dict[str, Any], parts: list[dict[str, Any]], status: Status) -> None:
    assert read(conversation(*parts, **changes)).status is status


def test_closed_may_be_final_by_setting() -> None:
    assert read(conversation(state="closed"), closed_is_final=True).status is Status.CLOSED


def test_a_rating_keeps_its_remark() -> None:
    ticket = read(conversation(conversation_rating={"rating": 2, "remark": "Too slow", "created_at": T, "updated_at": T + 9}))

    assert (ticket.rating, ticket.rating_comment) == (2, "Too slow")
    assert ticket.rated_at == datetime.fromtimestamp(T + 9, UTC)


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"title": "Export &amp; import"}, "Export & import"),
        ({"source": {"subject": "<p>Exports</p>", "body": "<p>Hello</p>"}}, "Exports"),
        ({"source": {"subject": "", "body": "<p><br></p><p>Hello <b>you</b></p><p>More</p>"}}, "Hello you"),
        ({"source": {"subject": None, "body": None}}, ""),
        ({"source": {"body": "<p>" + "word " * 60 + "</p>"}}, ("word " * 23).strip() + " word…"),
    ],
)
def test_the_subject_is_the_title_or_the_first_line(changes: dict[str, Any], subject: str) -> None:
    assert read(conversation(**changes)).subject == subject


def test_a_long_thread_keeps_its_first_and_its_newest_messages() -> None:
    parts = [part("comment", "user", place, f"<p>{place}</p>") for place in range(1, 700)]

    ticket = read(conversation(*parts))

    assert len(ticket.messages) == 500
    assert ticket.messages[0].external_id == f"source-{KEY.external_id}"
    assert (ticket.messages[1].body_text, ticket.messages[-1].body_text) == ("201", "699")
    assert ticket.message_count == 700


def test_an_intercom_ticket_is_read_by_its_own_shape(api: IntercomApi) -> None:
    ticket = hydrate(TICKET, api)

    assert ticket.key == TICKET
    assert (ticket.number, ticket.subject) == ("42", "Export is down")
    assert (ticket.status, ticket.status_raw) == (Status.OPEN, "Waiting on customer")
    assert (ticket.category, ticket.type_raw, ticket.form) == ("Customer", "Bug report", "12")
    assert ticket.custom == dict.fromkeys(each.slug for each in FIELDS) | {"product_area": "Exports"}
    assert ticket.team is None
    assert [message.body_text for message in ticket.customer_messages] == [
        "Every export fails since this morning.",
        "Still broken.",
    ]


@pytest.mark.parametrize(
    ("category", "changes", "status"),
    [
        ("submitted", {"ticket_parts": {"ticket_parts": []}}, Status.NEW),
        ("submitted", {}, Status.OPEN),
        ("in_progress", {}, Status.OPEN),
        ("waiting_on_customer", {"ticket_parts": {"ticket_parts": []}}, Status.PENDING),
        ("resolved", {}, Status.SOLVED),
        ("in_progress", {"open": False}, Status.SOLVED),
        ("in_progress", {"snoozed_until": T + 900}, Status.ON_HOLD),
        ("melted", {}, Status.OTHER),
    ],
)
def test_a_tickets_status_is_its_category(category: str, changes: dict[str, Any], status: Status) -> None:
    raw = answer("ticket") | {"ticket_state": {"category": category}} | changes

    assert to_ticket(Raw(raw), Around(), Dialect(account(), is_ticket=True)).status is status


def test_a_ticket_waits_for_the_customer_until_the_customer_wrote() -> None:
    asked = part("ticket_state_updated_by_admin", "admin", 10, None)
    raw = answer("ticket") | {"ticket_state": {"category": "waiting_on_customer"}}

    for parts, status in [([asked], Status.PENDING), ([asked, part("comment", "user", 20)], Status.OPEN)]:
        listed = raw | {"ticket_parts": {"ticket_parts": parts}}
        assert to_ticket(Raw(listed), Around(), Dialect(account(), is_ticket=True)).status is status


@pytest.mark.parametrize("status", [404, 410])
def test_a_deleted_conversation_is_gone(api: IntercomApi, workspace: Workspace, status: int) -> None:
    workspace.answers[CONVERSATION] = (status, answer("not_found"))

    with pytest.raises(TicketGone, match="gone"):
        hydrate(KEY, api)


def test_a_conversation_that_was_merged_away_is_gone(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = conversation(part("merged_secondary_conversation", "bot", 9, None))

    with pytest.raises(TicketGone, match="merged"):
        hydrate(KEY, api)


def test_one_forbidden_ticket_is_not_the_account(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = (403, {"errors": [{"code": "action_forbidden"}]})

    with pytest.raises(TicketGone, match="forbidden"):
        hydrate(KEY, api)


@pytest.mark.parametrize("odd", [[], None, {"id": []}, {"id": "1", "conversation_parts": {"conversation_parts": {"id": "7"}}}])
def test_an_answer_of_another_shape_names_the_place(api: IntercomApi, workspace: Workspace, odd: Any) -> None:
    workspace.answers[CONVERSATION] = odd

    with pytest.raises(PayloadUnexpected, match=r"^\$"):
        hydrate(KEY, api)


ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**12), st.text(max_size=5), st.lists(st.integers(), max_size=2), st.builds(dict)
)


@settings(max_examples=200, deadline=None)
@given(changes=st.dictionaries(st.sampled_from(sorted(answer("conversation"))), ODD, max_size=3))
def test_no_odd_conversation_raises_anything_but_payload_unexpected(changes: dict[str, Any]) -> None:
    try:
        ticket = read(answer("conversation") | changes)
    except PayloadUnexpected as error:
        assert error.path.startswith("$")
    else:
        assert ticket.messages
