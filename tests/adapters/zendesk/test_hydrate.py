"""Reading a Zendesk ticket: what it costs, and what becomes of the vendor's words."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from adapters.errors import AccessDenied, HelpdeskDown, PayloadUnexpected, TicketGone
from adapters.helpdesk import DictCache
from adapters.ticket import AuthorKind, Channel, Direction, MessageKind, Priority, Status, TicketType, Visibility
from adapters.transport import Transport
from adapters.zendesk.adapter import ADAPTER
from adapters.zendesk.api import connect_api
from adapters.zendesk.tables import CHANNEL, PRIORITY, PRIORITY_WORD, STATUS, STATUS_WORD
from tests.adapters.zendesk.account import ACCOUNT, ADDRESS, API, KEY, answers, client, fixture, reads


@pytest.fixture
def desk() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)


def follow_up(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "follow_up")
    answers(desk, "/tickets/42/comments", "comments")
    answers(desk, "/users/me", "me")


def changed(name: str, **ticket: Any) -> Any:
    answer = copy.deepcopy(fixture(name))
    answer["ticket"].update(ticket)
    return answer


def test_a_new_ticket_costs_one_read(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    ADAPTER.hydrate(KEY, client())

    assert reads(desk) == ["/tickets/42"]


def test_a_follow_up_costs_two_reads_once_we_know_ourselves(desk: responses.RequestsMock) -> None:
    follow_up(desk)
    api = client()

    ADAPTER.hydrate(KEY, api)
    ADAPTER.hydrate(KEY, api)

    assert reads(desk) == ["/tickets/42", "/tickets/42/comments", "/users/me", "/tickets/42", "/tickets/42/comments"]


def test_a_new_ticket_in_our_words(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    ticket = ADAPTER.hydrate(KEY, client())

    assert (ticket.key, ticket.number, ticket.url) == (KEY, "42", f"{ADDRESS}/agent/tickets/42")
    assert (ticket.status, ticket.priority, ticket.priority_raw) == (Status.NEW, Priority.NONE, "")
    assert (ticket.type, ticket.channel, ticket.channel_raw) == (TicketType.INCIDENT, Channel.EMAIL, "email")
    assert ticket.tags == {"vip", "outage"}
    assert ticket.followers == {"carl@customer.example.com"}
    assert (ticket.version, ticket.is_writable) == ("2026-01-02T03:04:05Z", True)
    assert (ticket.assignee, ticket.team, ticket.rating, ticket.rating_raw) == (None, None, None, "unoffered")
    assert ticket.read_at is not None
    assert ticket.message_count == 1


def test_custom_fields_have_the_types_of_the_mapping(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    assert ADAPTER.hydrate(KEY, client()).custom == {
        "product": "web_shop",
        "amount": 12.5,
        "is_trial": True,
        "bought_at": "2026-02-03",
        "areas": ("a", "b"),
        "empty": None,
    }


def test_a_custom_field_of_another_type_than_mapped_is_unknown_and_stays_raw(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket", custom_fields=[{"id": 360002, "value": "a lot"}, {"id": 360005, "value": "a"}])
    answers(desk, "/tickets/42", json=answer)

    ticket = ADAPTER.hydrate(KEY, client())

    assert ticket.custom == {"amount": None, "areas": None}
    assert isinstance(ticket.raw, dict)
    assert ticket.raw["custom_fields"] == answer["ticket"]["custom_fields"]


def test_the_company_has_its_fields_by_mapping_or_by_name(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    company = ADAPTER.hydrate(KEY, client()).company

    assert company is not None
    assert (company.name, company.domains, company.tags) == ("Northwind", ("northwind.example",), frozenset({"key"}))
    assert (company.tier, company.arr, company.mrr, company.csm) == ("enterprise", 120000, 12.5, "lead.lena@example.com")
    assert (company.renewal_at, company.is_premium) == (datetime(2026, 6, 1, tzinfo=UTC), True)
    assert company.custom == {"region": "emea"}


def test_the_requester_is_a_person_with_a_company(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    requester = ADAPTER.hydrate(KEY, client()).requester

    assert requester is not None
    assert (requester.email, requester.company_id) == ("clara@customer.example.com", "3001")
    assert (requester.locale, requester.timezone, requester.tags) == ("de", "Europe/Berlin", frozenset({"vip"}))


def test_a_follow_up_in_our_words(desk: responses.RequestsMock) -> None:
    follow_up(desk)

    ticket = ADAPTER.hydrate(KEY, client())

    assert (ticket.status, ticket.status_raw, ticket.priority) == (Status.ON_HOLD, "hold", Priority.URGENT)
    assert ticket.assignee is not None
    assert (ticket.assignee.email, ticket.team and ticket.team.name) == ("anna.agent@example.com", "Tier 1")
    assert (ticket.rating, ticket.rating_comment, ticket.reopen_count) == (5, "Thanks!", 2)
    assert ticket.solved_at == datetime(2026, 1, 2, 4, 30, tzinfo=UTC)
    assert ticket.first_replied_at == datetime(2026, 1, 2, 3, 30, tzinfo=UTC)
    assert ticket.waiting_since == datetime(2026, 1, 2, 4, 10, tzinfo=UTC)  # the out-of-office does not wait


def test_messages_stand_in_order_and_say_who_wrote_them(desk: responses.RequestsMock) -> None:
    follow_up(desk)

    messages = ADAPTER.hydrate(KEY, client()).messages

    assert [(each.external_id, each.author_kind, each.direction, each.visibility, each.kind) for each in messages] == [
        ("first", AuthorKind.PERSON, Direction.IN, Visibility.PUBLIC, MessageKind.MESSAGE),
        ("8003", AuthorKind.AGENT, Direction.OUT, Visibility.PUBLIC, MessageKind.MESSAGE),
        ("8005", AuthorKind.BOT, Direction.NONE, Visibility.INTERNAL, MessageKind.NOTE),
        ("8007", AuthorKind.PERSON, Direction.IN, Visibility.PUBLIC, MessageKind.MESSAGE),
        ("8009", AuthorKind.PERSON, Direction.IN, Visibility.PUBLIC, MessageKind.MESSAGE),
    ]
    assert [each.is_ours for each in messages] == [False, False, True, False, False]
    assert [each.is_auto_generated for each in messages] == [False, False, False, True, False]
    assert messages[0].attachments[0].name == "screen.png"
    assert messages[1].author_name == "Anna Agent"


def test_the_first_message_is_the_same_in_both_reads(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")
    first = ADAPTER.hydrate(KEY, client()).messages[0]
    desk.reset()
    follow_up(desk)
    later = ADAPTER.hydrate(KEY, client()).messages[0]

    same = ("external_id", "author_id", "author_kind", "author_name", "direction", "body_text", "created_at", "kind")
    assert [getattr(first, name) for name in same] == [getattr(later, name) for name in same]


def test_a_ticket_that_an_agent_opened_begins_with_the_agent(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket", submitter_id=7002)
    answer["users"].append(fixture("follow_up")["users"][1])
    answers(desk, "/tickets/42", json=answer)
    answers(desk, "/users/me", "me")

    (message,) = ADAPTER.hydrate(KEY, client()).messages

    assert (message.author_kind, message.direction) == (AuthorKind.AGENT, Direction.OUT)


def test_an_agent_who_asks_is_a_customer_here(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket", submitter_id=7002, requester_id=7002)
    answer["users"].append(fixture("follow_up")["users"][1])
    answers(desk, "/tickets/42", json=answer)
    answers(desk, "/users/me", "me")

    (message,) = ADAPTER.hydrate(KEY, client()).messages

    assert (message.author_kind, message.is_from_customer) == (AuthorKind.PERSON, True)


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

    ticket_read = ADAPTER.hydrate(KEY, api)
    first_reads = reads(desk)
    ADAPTER.hydrate(KEY, api)

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

    assert ADAPTER.hydrate(KEY, client()).company is None


def paged_comments(desk: responses.RequestsMock, total: int, size: int = 100) -> None:
    """`total` comments, newest first, in pages that name the next one by a cursor."""
    model = fixture("comments")["comments"][0]
    rows = [
        model | {"id": 10_000 + n, "created_at": f"2026-01-{2 + n // 1440:02}T{n // 60 % 24:02}:{n % 60:02}:00Z"}
        for n in range(total)
    ]
    rows.reverse()
    for start in range(0, total, size):
        has_more = start + size < total
        asked = {"page[after]": f"c{start}"} if start else {}
        desk.add(
            "GET",
            f"{API}/tickets/42/comments",
            json={"comments": rows[start : start + size], "meta": {"has_more": has_more, "after_cursor": f"c{start + size}"}},
            match=[responses.matchers.query_param_matcher(asked, strict_match=False)] if asked else [],
        )


def long_thread(desk: responses.RequestsMock, total: int) -> None:
    answers(desk, "/tickets/42", json=changed("follow_up", comment_count=total, created_at="2026-01-01T00:00:00Z"))
    paged_comments(desk, total)
    answers(desk, "/users/me", "me")


def test_a_thread_of_over_a_hundred_is_read_whole(desk: responses.RequestsMock) -> None:
    long_thread(desk, 150)

    ticket = ADAPTER.hydrate(KEY, client(replace(ACCOUNT, max_messages=500)))

    assert [each.external_id for each in ticket.messages] == ["first", *(str(10_000 + n) for n in range(150))]


def test_of_a_longer_thread_the_newest_are_kept_and_no_more_pages_are_read(desk: responses.RequestsMock) -> None:
    long_thread(desk, 450)

    ticket = ADAPTER.hydrate(KEY, client())

    assert len(ticket.messages) == 200
    assert (ticket.messages[0].external_id, ticket.messages[-1].external_id) == ("first", "10449")
    assert ticket.message_count == 450
    assert reads(desk).count("/tickets/42/comments") == 2


def test_where_newest_first_is_not_heard_all_pages_are_read(desk: responses.RequestsMock) -> None:
    rows = list(reversed(fixture("comments")["comments"]))
    answers(desk, "/tickets/42", "follow_up")
    pages = [
        {"comments": rows[:3], "meta": {"has_more": True, "after_cursor": "c3"}},
        {"comments": rows[3:], "meta": {"has_more": False}},
    ]
    for page in pages:
        answers(desk, "/tickets/42/comments", json=page | {"users": fixture("comments")["users"]})
    answers(desk, "/users/me", "me")

    ticket = ADAPTER.hydrate(KEY, client(replace(ACCOUNT, max_messages=3)))

    assert [each.external_id for each in ticket.messages] == ["first", "8007", "8009"]


def test_a_loop_of_pages_ends(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "follow_up")
    answers(desk, "/tickets/42/comments", json=fixture("comments") | {"meta": {"has_more": True, "after_cursor": "again"}})
    answers(desk, "/users/me", "me")

    ADAPTER.hydrate(KEY, client())

    assert reads(desk).count("/tickets/42/comments") == 2


def test_a_next_page_by_link_is_followed_on_our_host_only(desk: responses.RequestsMock) -> None:
    rows = fixture("comments")["comments"]
    answers(desk, "/tickets/42", "follow_up")
    answers(desk, "/tickets/42/comments", json={"comments": rows[:3], "next_page": f"{API}/tickets/42/comments.json?page=2"})
    answers(desk, "/tickets/42/comments", json={"comments": rows[3:], "next_page": "https://evil.example/api/v2/x?page=3"})

    with pytest.raises(HelpdeskDown, match="another host"):
        ADAPTER.hydrate(KEY, client())

    assert "page=2" in str(desk.calls[-1].request.url)


@pytest.mark.parametrize("name", ["requester_id", "submitter_id"])
def test_a_ticket_without_people_is_still_a_ticket(desk: responses.RequestsMock, name: str) -> None:
    answers(desk, "/tickets/42", json=changed("new_ticket", **{name: None}, subject=None, description=None, via=None))

    ticket = ADAPTER.hydrate(KEY, client())

    assert (ticket.subject, ticket.channel, len(ticket.messages)) == ("", Channel.OTHER, 1)


def test_a_closed_ticket_takes_no_writes(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", json=changed("new_ticket", status="closed"))

    ticket = ADAPTER.hydrate(KEY, client())

    assert (ticket.status, ticket.is_writable) == (Status.CLOSED, False)


@pytest.mark.parametrize(
    "told", [{"via": {"source": {"to": {"ticket_id": 7}, "rel": "merge"}}}, {"body": "Diese Anfrage wurde mit #7 vereint."}]
)
def test_a_merged_ticket_names_its_target(desk: responses.RequestsMock, told: dict[str, Any]) -> None:
    comments = fixture("comments")
    comments["comments"][0].update(told)
    answers(desk, "/tickets/42", json=changed("follow_up", status="closed", tags=["closed_by_merge"]))
    answers(desk, "/tickets/42/comments", json=comments)
    answers(desk, "/users/me", "me")

    assert ADAPTER.hydrate(KEY, client()).merged_into == "7"


def test_a_ticket_in_the_bin_is_deleted_and_unknown_words_are_other(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", json=changed("new_ticket", status="deleted", type="riddle", via={"channel": 9999}))

    ticket = ADAPTER.hydrate(KEY, client())

    assert (ticket.is_deleted, ticket.is_writable, ticket.status) == (True, False, Status.OTHER)
    assert (ticket.type, ticket.type_raw, ticket.channel, ticket.channel_raw) == (
        TicketType.OTHER,
        "riddle",
        Channel.OTHER,
        "9999",
    )


@pytest.mark.parametrize(("status", "reason"), [(404, "gone"), (410, "gone"), (403, "forbidden")])
def test_a_ticket_that_we_may_not_see_is_gone(desk: responses.RequestsMock, status: int, reason: str) -> None:
    answers(desk, "/tickets/42", status=status, json={"error": "RecordNotFound"})

    with pytest.raises(TicketGone) as caught:
        ADAPTER.hydrate(KEY, client())

    assert caught.value.reason == reason


@pytest.mark.parametrize("external_id", ["../users/me", "1?x=1", "1#x", "", "٤٢"])
def test_an_id_that_is_no_number_never_becomes_a_path(desk: responses.RequestsMock, external_id: str) -> None:
    key = replace(KEY, external_id=external_id)

    for call in (lambda: ADAPTER.hydrate(key, client()), lambda: ADAPTER.find_marker(key, "DHMARKER", client())):
        answers(desk, "/users/me", "me")
        with pytest.raises(TicketGone):
            call()

    assert set(reads(desk)) <= {"/users/me"}


def test_a_read_is_tried_again_after_a_server_error(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", status=502)
    answers(desk, "/tickets/42", "new_ticket")

    assert ADAPTER.hydrate(KEY, client()).number == "42"


def test_an_answer_of_another_shape_names_the_place(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", json={"tickets": []})

    with pytest.raises(PayloadUnexpected, match=r"\$\.ticket: wanted an object, found nothing"):
        ADAPTER.hydrate(KEY, client())


def test_credentials_go_to_the_accounts_address_as_basic_auth(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    ADAPTER.hydrate(KEY, client())

    sent = desk.calls[0].request
    assert str(sent.url).startswith(f"{API}/tickets/42?include=users")
    assert str(sent.headers["Authorization"]).startswith("Basic ")


def test_an_oauth_token_goes_as_bearer(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    ADAPTER.hydrate(KEY, client(replace(ACCOUNT, credentials={"oauth_token": "sandbox-oauth-token"})))

    assert desk.calls[0].request.headers["Authorization"] == "Bearer sandbox-oauth-token"


def test_missing_credentials_are_named_and_not_shown() -> None:
    account = replace(ACCOUNT, credentials={"email": "canary@example.com"})

    with pytest.raises(AccessDenied, match="account acme: credentials need") as caught:
        connect_api(account, Transport(ADDRESS, allow_private=True), DictCache())

    assert "canary" not in str(caught.value)


def test_status_and_priority_go_there_and_back() -> None:
    assert {ours: STATUS[theirs] for ours, theirs in STATUS_WORD.items()} == {ours: ours for ours in STATUS_WORD}
    assert {ours: PRIORITY[theirs or ""] for ours, theirs in PRIORITY_WORD.items()} == {ours: ours for ours in PRIORITY_WORD}


def test_what_is_lost_is_declared() -> None:
    assert set(Status) - set(STATUS_WORD) == {Status.OTHER}
    assert set(Priority) == set(PRIORITY_WORD)
    assert "`other` is refused" in ADAPTER.capabilities["set_status"].fallback


@pytest.mark.parametrize(
    ("word", "number"), [("web_form", "0"), ("mail", "4"), ("web_service", "5"), ("chat", "29"), ("voice", "34")]
)
def test_a_channel_is_the_same_as_word_and_as_number(word: str, number: str) -> None:
    assert CHANNEL[word] is CHANNEL[number]
