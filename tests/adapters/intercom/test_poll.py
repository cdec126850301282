"""The reconcile poll, and the lists of a workspace."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.errors import HelpdeskDown
from adapters.intercom import poll as lists
from adapters.intercom.api import IntercomApi
from adapters.ticket import Agent, EventType, TicketKey, TicketKind
from tests.adapters.intercom.loopback import Call, Workspace

NOW = datetime.fromtimestamp(1768040000, UTC)
HOUR_AGO = 1768040000 - 3600
CONVERSATIONS, TICKETS = "POST /conversations/search", "POST /tickets/search"


def found(*listed: tuple[str, int], name: str = "conversations", after: str | None = None) -> dict[str, Any]:
    following = {"per_page": 150, "starting_after": after} if after else None
    return {name: [{"id": id_, "updated_at": at} for id_, at in listed], "pages": {"type": "pages", "next": following}}


@pytest.fixture
def searched(workspace: Workspace) -> Workspace:
    workspace.answers |= {CONVERSATIONS: found(), TICKETS: found(name="tickets")}
    return workspace


def since(call: Call) -> str:
    return str(call.body["query"]["value"][0]["value"])


def test_a_first_poll_looks_back_an_hour_at_both_kinds(api: IntercomApi, searched: Workspace) -> None:
    searched.answers[CONVERSATIONS] = found(("12", HOUR_AGO + 20), ("11", HOUR_AGO + 10))
    searched.answers[TICKETS] = found(("77", HOUR_AGO + 15), name="tickets")

    page = lists.poll("", NOW, api)

    assert [event.ticket for event in page.events] == [
        TicketKey("north", TicketKind.CONVERSATION, "11"),
        TicketKey("north", TicketKind.TICKET, "77"),
        TicketKey("north", TicketKind.CONVERSATION, "12"),
    ]
    assert {event.type for event in page.events} == {EventType.TICKET_UPDATED}
    assert [since(call) for call in searched.calls] == [str(HOUR_AGO)] * 2
    assert searched.calls[0].body["query"]["value"][0]["operator"] == ">"
    assert not page.has_more


def test_what_was_seen_in_the_newest_second_is_not_told_again(api: IntercomApi, searched: Workspace) -> None:
    searched.answers[CONVERSATIONS] = found(("11", HOUR_AGO + 10))
    first = lists.poll("", NOW, api)
    searched.answers[CONVERSATIONS] = found(("11", HOUR_AGO + 10), ("12", HOUR_AGO + 10))

    second = lists.poll(first.cursor, NOW, api)
    third = lists.poll(second.cursor, NOW, api)

    assert [event.ticket.external_id for event in second.events if event.ticket] == ["12"]
    assert third.events == ()
    assert since(searched.calls[-2]) == str(HOUR_AGO + 10)


def test_a_ticket_changed_again_is_told_again_under_another_key(api: IntercomApi, searched: Workspace) -> None:
    searched.answers[CONVERSATIONS] = found(("11", HOUR_AGO + 10))
    first = lists.poll("", NOW, api)
    searched.answers[CONVERSATIONS] = found(("11", HOUR_AGO + 11))

    second = lists.poll(first.cursor, NOW, api)

    assert first.events[0].delivery_key != second.events[0].delivery_key


def test_pages_are_followed_and_the_cursor_waits_for_the_last(api: IntercomApi, searched: Workspace) -> None:
    pages = {None: found(("12", HOUR_AGO + 50), after="next-1"), "next-1": found(("11", HOUR_AGO + 10))}
    searched.answers[CONVERSATIONS] = lambda call: (200, pages[call.body["pagination"].get("starting_after")])

    first = lists.poll("", NOW, api)
    second = lists.poll(first.cursor, NOW, api)
    lists.poll(second.cursor, NOW, api)

    asked = [since(call) for call in searched.calls if call.line == CONVERSATIONS]
    assert (first.has_more, second.has_more) == (True, False)
    assert [event.ticket.external_id for event in second.events if event.ticket] == ["11"]
    assert asked == [str(HOUR_AGO), str(HOUR_AGO), str(HOUR_AGO + 50)]


def test_a_page_that_points_to_itself_ends_the_search(api: IntercomApi, searched: Workspace) -> None:
    searched.answers[CONVERSATIONS] = found(after="same")

    first = lists.poll("", NOW, api)

    assert first.has_more
    assert not lists.poll(first.cursor, NOW, api).has_more


def test_a_cursor_that_cannot_be_read_begins_anew(api: IntercomApi, searched: Workspace) -> None:
    assert lists.poll('{"c": {"since": 17', NOW, api).cursor == lists.poll("", NOW, api).cursor


def test_a_workspace_without_tickets_is_polled_all_the_same(api: IntercomApi, searched: Workspace) -> None:
    searched.answers[CONVERSATIONS] = found(("11", HOUR_AGO + 10))
    searched.answers[TICKETS] = (403, {"errors": [{"code": "forbidden"}]})

    assert len(lists.poll("", NOW, api).events) == 1


def test_tickets_may_be_left_out(connect: Callable[..., IntercomApi], searched: Workspace) -> None:
    lists.poll("", NOW, connect(tickets=False))

    assert searched.lines == [CONVERSATIONS]


def test_a_search_that_fails_is_tried_again_though_it_is_a_post(api: IntercomApi, searched: Workspace) -> None:
    answers = iter([(500, {}), (200, found())])
    searched.answers[CONVERSATIONS] = lambda _: next(answers)

    assert lists.poll("", NOW, api).events == ()


def test_a_refused_search_is_down(api: IntercomApi, searched: Workspace) -> None:
    searched.answers[CONVERSATIONS] = (403, {"errors": [{"code": "forbidden"}]})

    with pytest.raises(HelpdeskDown, match="403 forbidden"):
        lists.poll("", NOW, api)


def test_lists_are_read_once_an_hour(api: IntercomApi, workspace: Workspace) -> None:
    for _ in range(2):
        assert lists.me(api).email == "deskhand.bot@example.com"
        assert [team.name for team in lists.teams(api)] == ["Tier 1", "Senior"]
        assert lists.agents(api)[0] == Agent(
            external_id="7001", name="Anna Agent", email="anna.agent@example.com", teams=("8003",)
        )
        assert [macro.name for macro in lists.macros(api)] == ["VIP acknowledgement", "How to export"]

    assert sorted(workspace.lines) == ["GET /admins", "GET /macros", "GET /me", "GET /teams"]


def test_our_teammate_may_be_another_than_the_tokens_owner(connect: Callable[..., IntercomApi], workspace: Workspace) -> None:
    assert lists.me(connect(admin_id="7002")).name == "Ben Agent"
    assert workspace.lines == ["GET /admins"]


@pytest.mark.parametrize(("version", "calls"), [("2.15", 0), ("2.9", 0), ("2.16", 1), ("2.17", 1), ("Preview", 1)])
def test_macros_exist_from_2_16_on(connect: Callable[..., IntercomApi], workspace: Workspace, version: str, calls: int) -> None:
    lists.macros(connect(version=version))

    assert len(workspace.lines) == calls


def test_macros_come_in_pages(api: IntercomApi, workspace: Workspace) -> None:
    def page(call: Call) -> tuple[int, Any]:
        last = "starting_after=abc" in call.query
        macro = {"id": "2" if last else "1", "name": "x", "body_text": "x"}
        return 200, {"data": [macro], "pages": {"next": None if last else {"starting_after": "abc"}}}

    workspace.answers["GET /macros"] = page

    assert [macro.external_id for macro in lists.macros(api)] == ["1", "2"]
