"""A ticket's conversations, page by page, with a bound."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from responses import matchers

from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.thread import conversations
from tests.adapters.freshdesk.conftest import KEY, THREAD, TICKET, thread_entry, ticket_with


def thread_of(desk: responses.RequestsMock, count: int) -> None:
    """A thread of `count` entries behind the conversations path, paged as the vendor does."""
    pages = max(1, -(-count // 100))
    for page in range(1, 2 * pages + 20):
        found = [thread_entry(number) for number in range((page - 1) * 100 + 1, min(page * 100, count) + 1)]
        link = {"link": f'<{THREAD}?page={page + 1}&per_page=100>; rel="next"'} if page < pages else {}
        expected = matchers.query_param_matcher({"page": page, "per_page": 100})
        desk.get(THREAD, json=found, headers=link, match=[expected])


def test_ten_conversations_mean_that_there_may_be_more(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=ticket_with(conversations=[thread_entry(number) for number in range(1, 11)]))
    thread_of(desk, 230)

    ticket = hydrate(KEY, api)

    assert ticket.message_count == 231
    assert [message.external_id for message in ticket.messages][:2] == ["first", "1"]
    assert ticket.messages[-1].body_text == "entry 230"


def pages_read(desk: responses.RequestsMock) -> list[str]:
    return [parse_qs(urlsplit(str(call.request.url)).query)["page"][0] for call in desk.calls]


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 499, 500, 501, 599, 600, 601, 621, 1_100, 1_199])
def test_a_thread_that_is_longer_than_what_is_kept_is_read_once(
    desk: responses.RequestsMock, api: FreshdeskApi, count: int
) -> None:
    thread_of(desk, count)

    thread = conversations(48213, api, 500)

    assert thread.count == count
    assert [part["id"].whole() for part in thread.parts] == list(range(max(1, count - 499), count + 1))
    assert pages_read(desk) == [str(page) for page in range(1, max(1, -(-count // 100)) + 1)]  # 621: seven


@pytest.mark.parametrize("keep", [10, 100, 300, 500])
@pytest.mark.parametrize("count", [1_200, 1_201, 1_299, 1_300, 1_999, 2_500, 5_040])
def test_no_page_of_a_long_thread_is_read_twice(desk: responses.RequestsMock, api: FreshdeskApi, count: int, keep: int) -> None:
    thread_of(desk, count)

    thread = conversations(48213, api, keep)

    read = pages_read(desk)
    assert (thread.count, len(set(read))) == (count, len(read))
    assert [part["id"].whole() for part in thread.parts] == list(range(count - keep + 1, count + 1))
    assert len(read) <= min(2 * -(-keep // 100) + 25, -(-count // 100) + 8)


def test_a_huge_thread_is_entered_from_behind(desk: responses.RequestsMock, connect: Callable[..., FreshdeskApi]) -> None:
    thread_of(desk, 5_040)

    thread = conversations(48213, connect(max_messages=100), 100)

    assert thread.count == 5_040
    assert [part["id"].whole() for part in thread.parts] == list(range(4_941, 5_041))
    assert len(desk.calls) < 20


def test_a_page_that_names_itself_as_next_ends_the_reading(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(THREAD, json=[thread_entry(1)], headers={"link": f'<{THREAD}?page=1>; rel="next"'})

    assert conversations(48213, api, 500).count == 1
