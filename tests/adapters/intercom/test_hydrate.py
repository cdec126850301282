"""Conversations and tickets of Intercom as our Ticket."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.errors import AccessDenied, HelpdeskDown, PayloadUnexpected, RateLimited, TicketGone
from adapters.intercom.adapter import ADAPTER
from adapters.intercom.api import IntercomApi
from adapters.intercom.dialect import Dialect
from adapters.intercom.hydrate import Around, to_conversation, to_ticket
from adapters.raw import Raw
from adapters.ticket import AuthorKind, Channel, MessageKind, Priority, Role, Status, Ticket, Visibility
from tests.adapters.intercom.conftest import KEY, TICKET, account, answer
from tests.adapters.intercom.loopback import Workspace, breaking

CONVERSATION = f"GET /conversations/{KEY.external_id}"
T = 1768032000


def conversation(*parts: dict[str, Any], **changes: Any) -> dict[str, Any]:
    listed = {"conversation_parts": list(parts), "total_count": len(parts)}
    found: dict[str, Any] = answer("conversation")
    return found | {"conversation_parts": listed, "tags": {"tags": []}} | changes


def part(kind: str, author: str, at: int, body: str | None = "<p>Hi</p>", **author_also: Any) -> dict[str, Any]:
    return {
        "id": str(at),
        "part_type": kind,
        "body": body,
        "created_at": T + at,
        "author": {"type": author, "id": "7001"} | author_also,
    }


def read(raw: dict[str, Any], **options: Any) -> Ticket:
    return to_conversation(Raw(raw), Around(our_id="7009"), Dialect(account(**options)))


def tagged(*names: str, at: int | None = None, by: str = "7001") -> dict[str, Any]:
    who = {"type": "admin", "id": by}
    return {"tags": [{"id": str(place), "name": name, "applied_at": at, "applied_by": who} for place, name in enumerate(names)]}


def test_a_conversation_is_read_with_all_around_it(api: IntercomApi) -> None:
    ticket = ADAPTER.hydrate(KEY, api)

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


def test_people_and_company_come_with_it(api: IntercomApi) -> None:
    ticket = ADAPTER.hydrate(KEY, api)

    assert ticket.requester is not None
    assert (ticket.requester.name, ticket.requester.email) == ("Mara Lindqvist", "mara@northwind.example")
    assert (ticket.requester.title, ticket.requester.company_id) == ("Head of Finance", "6650aa")
    assert ticket.company is not None
    assert (ticket.company.name, ticket.company.tier, ticket.company.arr) == ("Northwind", "enterprise", 120000)
    assert (ticket.company.domains, ticket.company.csm) == (("northwind.example",), "Lena Lead")
    assert ticket.company.renewal_at == datetime.fromtimestamp(T + 86400 * 50, UTC)
    assert ticket.assignee is not None
    assert ticket.assignee.email == "anna.agent@example.com"
    assert ticket.team is not None
    assert ticket.team.name == "Senior"


def test_the_first_message_is_the_source_and_parts_follow_by_their_type(api: IntercomApi) -> None:
    messages = ADAPTER.hydrate(KEY, api).messages

    assert [message.kind for message in messages] == [
        MessageKind.MESSAGE,
        MessageKind.EVENT,
        MessageKind.MESSAGE,
        MessageKind.MESSAGE,
        MessageKind.NOTE,
        MessageKind.EVENT,
    ]
    assert [message.is_from_customer for message in messages] == [True, False, False, True, False, False]
    assert messages[3].body_text == "Any news?\n\nIt is urgent.\nThanks"
    assert messages[3].attachments[0].name == "error.png"
    assert messages[3].attachments[0].size_bytes == 2048
    assert messages[4].visibility is Visibility.INTERNAL
    assert [message.is_ours for message in messages] == [False, False, False, False, True, False]


def test_an_automatic_greeting_is_no_answer(api: IntercomApi) -> None:
    greeting = ADAPTER.hydrate(KEY, api).messages[2]

    assert greeting.author_kind is AuthorKind.BOT
    assert greeting.is_auto_generated
    assert not greeting.is_agent_reply


def test_an_ai_agents_answer_is_one() -> None:
    ticket = read(conversation(part("comment", "bot", 10, from_ai_agent=True)))

    assert ticket.agent_replies
    assert ticket.status is Status.NEW  # by no teammate yet


def test_a_warm_hydrate_is_one_call(api: IntercomApi, workspace: Workspace) -> None:
    ADAPTER.hydrate(KEY, api)
    workspace.calls.clear()

    ADAPTER.hydrate(KEY, api)

    assert workspace.lines == [CONVERSATION]


def test_every_call_says_who_and_in_which_version(connect: Callable[..., IntercomApi], workspace: Workspace) -> None:
    ADAPTER.hydrate(KEY, connect(version="2.15"))

    assert {call.headers["intercom-version"] for call in workspace.calls} == {"2.15"}
    assert {call.headers["authorization"] for call in workspace.calls} == {"Bearer sandbox-intercom-token"}


def test_a_company_within_the_conversation_needs_no_call(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = answer("conversation") | {"company": answer("company")}

    ticket = ADAPTER.hydrate(KEY, api)

    assert ticket.company is not None
    assert ticket.company.tier == "enterprise"
    assert "GET /companies/6650aa" not in workspace.lines


def test_a_deleted_contact_leaves_what_the_message_says(api: IntercomApi, workspace: Workspace) -> None:
    del workspace.answers["GET /contacts/66f1a0c2b7d84e0012ab34cd"]

    ticket = ADAPTER.hydrate(KEY, api)

    assert ticket.requester is not None
    assert (ticket.requester.name, ticket.company) == ("Mara Lindqvist", None)


def test_a_merged_contact_is_followed_to_where_it_went(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /contacts/66f1a0c2b7d84e0012ab34cd"] = (410, {"errors": [{"code": "contact_merged"}]})
    workspace.answers["GET /contacts/77aa"] = answer("contact") | {"id": "77aa", "role": "lead", "name": None, "email": ""}
    workspace.headers["Link"] = '</contacts/77aa>; rel="canonical"'

    ticket = ADAPTER.hydrate(KEY, api)

    assert ticket.requester is not None
    assert (ticket.requester.external_id, ticket.requester.role, ticket.requester.emails) == ("77aa", Role.LEAD, ())


def test_a_company_field_of_another_shape_is_not_known(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /companies/6650aa"] = answer("company") | {"custom_attributes": {"arr": "a lot", "tier": "Standard"}}

    company = ADAPTER.hydrate(KEY, api).company

    assert company is not None
    assert (company.arr, company.tier) == (None, "standard")


def test_further_contacts_are_followers(api: IntercomApi, workspace: Workspace) -> None:
    contacts = [{"id": "66f1a0c2b7d84e0012ab34cd"}, {"id": "88"}]
    workspace.answers[CONVERSATION] = answer("conversation") | {"contacts": {"contacts": contacts}}
    workspace.answers["GET /contacts/88"] = answer("contact") | {"id": "88", "email": "kai@northwind.example"}

    assert ADAPTER.hydrate(KEY, api).followers == {"kai@northwind.example"}


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


@pytest.mark.parametrize(
    ("native", "tags", "priority"),
    [
        ("not_priority", (), Priority.NONE),
        ("priority", (), Priority.HIGH),
        ("priority", ("priority-urgent",), Priority.URGENT),
        ("not_priority", ("priority-urgent",), Priority.URGENT),
        ("not_priority", ("priority-low",), Priority.LOW),
        ("none", ("Priority-High",), Priority.HIGH),
        ("medium", (), Priority.NORMAL),
        ("urgent", ("priority-low",), Priority.URGENT),
        ("low", ("priority-high", "priority-urgent"), Priority.URGENT),
        ("brand_new_word", (), Priority.NONE),
    ],
)
def test_priorities_of_both_dialects_and_their_carriers_are_read(native: str, tags: tuple[str, ...], priority: Priority) -> None:
    ticket = read(conversation(priority=native, tags=tagged(*tags, "vip")))

    assert (ticket.priority, ticket.priority_raw, set(ticket.tags)) == (priority, native, {"vip"})


def test_with_preview_only_the_native_priority_counts() -> None:
    ticket = read(conversation(priority="low", tags=tagged("priority-urgent")), version="Preview")

    assert (ticket.priority, set(ticket.tags)) == (Priority.LOW, {"priority-urgent"})


def test_a_priority_may_stand_in_an_attribute() -> None:
    raw = conversation(priority="none", custom_attributes={"Urgency": "urgent"}, tags=tagged("priority-high"))

    ticket = read(raw, priority_attribute="Urgency")

    assert (ticket.priority, set(ticket.tags)) == (Priority.URGENT, {"priority-high"})


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


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("close", None, (MessageKind.EVENT, Visibility.INTERNAL)),
        ("close", "<p>Bye</p>", (MessageKind.MESSAGE, Visibility.PUBLIC)),
        ("assignment", "<p>For you</p>", (MessageKind.NOTE, Visibility.INTERNAL)),
        ("note_and_reopen", "<p>Aha</p>", (MessageKind.NOTE, Visibility.INTERNAL)),
        ("never_heard_of", "<p>Words</p>", (MessageKind.EVENT, Visibility.INTERNAL)),
    ],
)
def test_words_beside_an_event(kind: str, body: str | None, expected: tuple[MessageKind, Visibility]) -> None:
    message = read(conversation(part(kind, "admin", 10, body))).messages[1]

    assert (message.kind, message.visibility) == expected


def test_an_intercom_ticket_is_read_by_its_own_shape(api: IntercomApi) -> None:
    ticket = ADAPTER.hydrate(TICKET, api)

    assert ticket.key == TICKET
    assert (ticket.number, ticket.subject) == ("42", "Export is down")
    assert (ticket.status, ticket.status_raw) == (Status.OPEN, "Waiting on customer")
    assert (ticket.category, ticket.type_raw, ticket.form) == ("Customer", "Bug report", "12")
    assert ticket.custom == {"product_area": "Exports"}
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
        ADAPTER.hydrate(KEY, api)


def test_a_conversation_that_was_merged_away_is_gone(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = conversation(part("merged_secondary_conversation", "bot", 9, None))

    with pytest.raises(TicketGone, match="merged"):
        ADAPTER.hydrate(KEY, api)


def test_one_forbidden_ticket_is_not_the_account(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = (403, {"errors": [{"code": "action_forbidden"}]})

    with pytest.raises(TicketGone, match="forbidden"):
        ADAPTER.hydrate(KEY, api)


@pytest.mark.parametrize(
    ("status", "code"), [(401, "token_unauthorized"), (403, "api_plan_restricted"), (400, "intercom_version_invalid")]
)
def test_a_refused_account_is_told_as_such(api: IntercomApi, workspace: Workspace, status: int, code: str) -> None:
    workspace.answers[CONVERSATION] = (status, {"errors": [{"code": code, "message": "Mara wrote this"}]})

    with pytest.raises(AccessDenied) as caught:
        ADAPTER.hydrate(KEY, api)

    assert "Mara" not in str(caught.value)


def test_a_missing_scope_says_so_without_the_vendors_words(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /teams"] = (403, {"errors": [{"code": "forbidden", "message": "Mara wrote this"}]})

    with pytest.raises(HelpdeskDown, match=r"403 forbidden.*scopes") as caught:
        ADAPTER.hydrate(KEY, api)

    assert "Mara" not in str(caught.value)


def test_429_waits_until_the_reset(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers[CONVERSATION] = (429, {"errors": [{"code": "rate_limit_exceeded"}]})
    workspace.headers["X-RateLimit-Reset"] = str(int(datetime.now(UTC).timestamp()) + 30)

    with pytest.raises(RateLimited) as caught:
        ADAPTER.hydrate(KEY, api)

    assert 25 <= caught.value.retry_after_s <= 31
    assert workspace.lines == [CONVERSATION]


def test_a_read_is_tried_again_shortly(api: IntercomApi, workspace: Workspace) -> None:
    answers = iter([(500, {}), (200, answer("conversation"))])
    workspace.answers[CONVERSATION] = lambda _: next(answers)

    assert ADAPTER.hydrate(KEY, api).external_id == KEY.external_id


@pytest.mark.parametrize("odd", [(200, b"<html>Maintenance</html>"), (200, b""), breaking], ids=["a page", "nothing", "reset"])
def test_an_answer_that_is_none_is_down(api: IntercomApi, workspace: Workspace, odd: Any) -> None:
    workspace.answers[CONVERSATION] = odd

    with pytest.raises(HelpdeskDown):
        ADAPTER.hydrate(KEY, api)


@pytest.mark.parametrize(
    "odd", [[], None, {"id": []}, {"id": "1", "contacts": {"contacts": 5}}, {"id": "1", "tags": {"tags": [{"name": {}}]}}]
)
def test_an_answer_of_another_shape_names_the_place(api: IntercomApi, workspace: Workspace, odd: Any) -> None:
    workspace.answers[CONVERSATION] = odd

    with pytest.raises(PayloadUnexpected, match=r"^\$"):
        ADAPTER.hydrate(KEY, api)


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
