"""F75: a list whose next page is itself, that never ends, or goes on at another host. Reading stops; no other host is asked, so
no credentials go there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.wrappers import Request

from adapters.errors import HelpdeskDown
from tests.faults.stub_helpdesk import helpdesk_at, stub

Page = tuple[int, Any, Mapping[str, str]]


def zendesk_page(request: Request, following: str) -> Page:
    group = {"id": 7, "name": "Senior"}
    if following.startswith("http"):
        return 200, {"groups": [group], "next_page": following}, {}
    return 200, {"groups": [group], "meta": {"has_more": True, "after_cursor": following}}, {}


def freshdesk_page(request: Request, following: str) -> Page:
    link = following if following.startswith("http") else f"{request.host_url}api/v2/groups?page={following}"
    return 200, [{"id": 7, "name": "Senior"}], {"Link": f'<{link}>; rel="next"'}


PAGES = {"zendesk": zendesk_page, "freshdesk": freshdesk_page}


@pytest.mark.parametrize("provider", PAGES)
def test_F75_a_page_that_names_itself_ends_the_list(provider: str) -> None:
    with stub(lambda request: PAGES[provider](request, "2")) as server:
        teams = helpdesk_at(server.address, provider).teams()

    assert {team.name for team in teams} == {"Senior"}
    assert len(server.asked) <= 3


@pytest.mark.parametrize("provider", PAGES)
def test_F75_a_list_without_an_end_is_cut_off(provider: str) -> None:
    with stub(lambda request: PAGES[provider](request, str(len(server.asked) + 1))) as server:
        helpdesk_at(server.address, provider).teams()

    assert 10 < len(server.asked) <= 300


@pytest.mark.parametrize("provider", PAGES)
def test_F75_a_page_on_another_host_is_not_asked_for(provider: str) -> None:
    with stub(lambda _: (200, {}, {})) as foreign:
        elsewhere = f"{foreign.address}/api/v2/groups?page=2"
        with (
            stub(lambda request: PAGES[provider](request, elsewhere)) as server,
            pytest.raises(HelpdeskDown, match="another host"),
        ):
            helpdesk_at(server.address, provider).teams()

        assert not foreign.asked
    assert len(server.asked) <= 3


def test_F75_an_intercom_search_that_goes_in_circles_ends() -> None:
    found = {"id": "215", "updated_at": 1_800_000_000}
    page = {"type": "conversation.list", "conversations": [found], "tickets": [], "pages": {"next": {"starting_after": "again"}}}
    with stub(lambda _: (200, page, {})) as server:
        helpdesk, cursor, pages = helpdesk_at(server.address, "intercom"), "", 0
        while True:
            answer = helpdesk.poll(cursor, datetime(2027, 1, 20, tzinfo=UTC))
            cursor, pages = answer.cursor, pages + 1
            if not answer.has_more:
                break

    assert pages <= 201
