from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import responses
from responses import matchers

from adapters.errors import AccessDenied
from adapters.freshdesk import poll as lists
from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.poll import poll
from adapters.ticket import Agent, EventType, Macro, Person, Team, Ticket
from tests.adapters.freshdesk.conftest import NOW, ROOT

TICKETS = f"{ROOT}/tickets"
NEXT = {"link": f'<{TICKETS}?page=2>; rel="next"'}


def page_of(
    vendor: responses.RequestsMock,
    since: str,
    tickets: list[tuple[int, str]],
    page: int = 1,
    headers: Mapping[str, str] | None = None,
) -> None:
    query = {"updated_since": since, "order_by": "updated_at", "order_type": "asc", "per_page": 100, "page": page}
    found: list[Any] = [{"id": number, "updated_at": moment} for number, moment in tickets]
    vendor.get(TICKETS, json=found, headers=headers, match=[matchers.query_param_matcher(query)])


def test_the_first_poll_looks_back_an_hour(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    page_of(vendor, "2026-11-20T09:00:00Z", [(7, "2026-11-20T09:30:00Z")])

    page = poll("", NOW, api)

    [event] = page.events
    assert (event.type, event.has_delivery_id, event.delivery_key) == (
        EventType.TICKET_UPDATED,
        True,
        "poll:7:2026-11-20T09:30:00+00:00",
    )
    assert (page.cursor, page.has_more) == ("2026-11-20T09:30:00Z|1", False)


def test_the_time_moves_on_with_each_page(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    page_of(vendor, "2026-11-20T09:00:00Z", [(7, "2026-11-20T09:30:00Z"), (8, "2026-11-20T09:31:00Z")], headers=NEXT)

    page = poll("2026-11-20T09:00:00Z|1", NOW, api)

    assert (page.cursor, page.has_more) == ("2026-11-20T09:31:00Z|1", True)


def test_a_page_of_one_and_the_same_time_is_followed_by_number(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    page_of(vendor, "2026-11-20T09:00:00Z", [(7, "2026-11-20T09:00:00Z")], headers=NEXT)

    page = poll("2026-11-20T09:00:00Z|1", NOW, api)

    assert (page.cursor, page.has_more) == ("2026-11-20T09:00:00Z|2", True)


def test_a_poll_that_finds_nothing_stays_where_it_is(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    page_of(vendor, "2026-11-20T09:00:00Z", [], page=3)

    page = poll("2026-11-20T09:00:00Z|3", NOW, api)

    assert (page.events, page.cursor, page.has_more) == ((), "2026-11-20T09:00:00Z|1", False)


def test_a_list_that_we_may_not_see_says_so(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    vendor.get(TICKETS, status=403, json={"code": "access_denied"})

    with pytest.raises(AccessDenied, match="/tickets"):
        poll("", NOW, api)


def test_we_are_the_agent_whose_key_it_is(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    ours = [lists.me(api), lists.me(api)]

    assert ours[0] == Agent(external_id="509", name="Deskhand", email="deskhand.bot@example.com", is_bot=True, teams=("31",))
    assert len(desk.calls) == 1


def test_teams_and_agents_are_the_accounts_groups_and_agents(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    assert [team.name for team in lists.teams(api)] == ["Tier 1", "Senior"]
    assert [agent.email for agent in lists.agents(api)] == ["anna.agent@example.com", "deskhand.bot@example.com"]


def test_macros_are_the_canned_responses_that_are_not_personal(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    found = lists.macros(api)

    assert [(macro.external_id, macro.name) for macro in found] == [("81", "VIP acknowledgement"), ("82", "Handed over")]
    assert found[0].text.startswith("Hello {{ticket.requester.firstname}}")


def test_a_preview_fills_in_what_it_knows_and_names_what_is_missing(api: FreshdeskApi) -> None:
    ticket = Ticket(external_id="48213", requester=Person(name="Clara Chief"), team=Team(name="Senior"))
    text = "Hello {{ticket.requester.firstname}}, {{ ticket.agent.name }} / {{ticket.cf_order | default: 'it'}} #{{ticket.id}}"

    preview = lists.preview(Macro(text=text), ticket, api)

    assert preview.text == "Hello Clara,  /  #48213"
    assert preview.missing == ("ticket.agent.name", "ticket.cf_order")
