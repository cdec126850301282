"""The thread of a ticket: comments read with a bound, and who wrote them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from adapters.raw import Raw
from adapters.ticket import AuthorKind, Direction, Message, MessageKind, Visibility
from adapters.zendesk.hydrate import hydrate
from adapters.zendesk.thread import is_newest_first, merged_into, waiting_since
from tests.adapters.zendesk.account import ACCOUNT, API, KEY, answers, client, fixture, reads
from tests.adapters.zendesk.reading import changed, follow_up


def test_messages_stand_in_order_and_say_who_wrote_them(desk: responses.RequestsMock) -> None:
    follow_up(desk)

    messages = hydrate(KEY, client()).messages

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
    first = hydrate(KEY, client()).messages[0]
    desk.reset()
    follow_up(desk)
    later = hydrate(KEY, client()).messages[0]

    same = ("external_id", "author_id", "author_kind", "author_name", "direction", "body_text", "created_at", "kind")
    assert [getattr(first, name) for name in same] == [getattr(later, name) for name in same]


def test_a_ticket_that_an_agent_opened_begins_with_the_agent(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket", submitter_id=7002)
    answer["users"].append(fixture("follow_up")["users"][1])
    answers(desk, "/tickets/42", json=answer)
    answers(desk, "/users/me", "me")

    (message,) = hydrate(KEY, client()).messages

    assert (message.author_kind, message.direction) == (AuthorKind.AGENT, Direction.OUT)


def test_an_agent_who_asks_is_a_customer_here(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket", submitter_id=7002, requester_id=7002)
    answer["users"].append(fixture("follow_up")["users"][1])
    answers(desk, "/tickets/42", json=answer)
    answers(desk, "/users/me", "me")

    (message,) = hydrate(KEY, client()).messages

    assert (message.author_kind, message.is_from_customer) == (AuthorKind.PERSON, True)


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

    ticket = hydrate(KEY, client(replace(ACCOUNT, max_messages=500)))

    assert [each.external_id for each in ticket.messages] == ["first", *(str(10_000 + n) for n in range(150))]


def test_of_a_longer_thread_the_newest_are_kept_and_no_more_pages_are_read(desk: responses.RequestsMock) -> None:
    long_thread(desk, 450)

    ticket = hydrate(KEY, client())

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

    ticket = hydrate(KEY, client(replace(ACCOUNT, max_messages=3)))

    assert [each.external_id for each in ticket.messages] == ["first", "8007", "8009"]


@pytest.mark.parametrize(
    "told", [{"via": {"source": {"to": {"ticket_id": 7}, "rel": "merge"}}}, {"body": "Diese Anfrage wurde mit #7 vereint."}]
)
def test_a_merged_ticket_names_its_target(desk: responses.RequestsMock, told: dict[str, Any]) -> None:
    comments = fixture("comments")
    comments["comments"][0].update(told)
    answers(desk, "/tickets/42", json=changed("follow_up", status="closed", tags=["closed_by_merge"]))
    answers(desk, "/tickets/42/comments", json=comments)
    answers(desk, "/users/me", "me")

    assert hydrate(KEY, client()).merged_into == "7"


def test_an_order_is_told_by_its_first_and_last_comment() -> None:
    rows = [Raw({"created_at": f"2026-01-0{day}T00:00:00Z"}) for day in (1, 2)]

    assert [is_newest_first(rows), is_newest_first(rows[::-1]), is_newest_first([])] == [False, True, True]


def test_a_customer_waits_since_the_first_message_that_nobody_answered() -> None:
    asked, answered, again, more = (datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4))
    thread = (
        Message(created_at=asked),
        Message(created_at=answered, direction=Direction.OUT),
        Message(created_at=again),
        Message(created_at=more),
    )

    assert (waiting_since(thread), waiting_since(thread[:2])) == (again, None)


def test_a_ticket_that_was_not_merged_went_nowhere() -> None:
    assert merged_into(Raw({"tags": ["closed"]}), (Raw({"body": "see #7"}),)) is None
