"""Freshdesk's API v2 for one account: paging, retries, and what a refusal means."""

from __future__ import annotations

import base64

import pytest
import responses
from responses import matchers

from adapters.errors import AccessDenied, HelpdeskDown, PayloadUnexpected, RateLimited, TicketGone
from adapters.freshdesk import poll as lists
from adapters.freshdesk.api import Answer, FreshdeskApi, listed, number, of_ticket
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.thread import conversations
from adapters.raw import Raw
from adapters.ticket import TicketKey, TicketKind
from tests.adapters.freshdesk.conftest import ADDRESS, API_KEY, KEY, ROOT, THREAD, TICKET, answer_of, thread_entry


def test_a_next_page_on_another_host_is_refused(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(THREAD, json=[thread_entry(1)], headers={"link": '<https://evil.example.com/?page=2>; rel="next"'})

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


def test_half_a_surrogate_pair_is_no_letter_of_a_ticket(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=answer_of("ticket") | {"subject": "half \ud800 a letter"})

    assert hydrate(KEY, api).subject == "half \ufffd a letter"


@pytest.mark.parametrize("external_id", ["../agents", "1?x=2", "", "-1", "٣"])
def test_an_id_that_is_no_number_never_reaches_a_path(
    vendor: responses.RequestsMock, api: FreshdeskApi, external_id: str
) -> None:
    with pytest.raises(PayloadUnexpected):
        hydrate(TicketKey("north", TicketKind.TICKET, external_id), api)

    assert not vendor.calls


def test_a_loop_of_pages_ends(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    vendor.get(ROOT + "/groups", json=[{"id": 31, "name": "Tier 1"}], headers={"link": f'<{ROOT}/groups?page=1>; rel="next"'})

    assert len(lists.teams(api)) == 1


def test_the_key_goes_as_basic_login_with_every_call(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    api.get("/agents/me")

    login = base64.b64encode(f"{API_KEY}:X".encode()).decode()
    assert desk.calls[0].request.headers["Authorization"] == f"Basic {login}"


def test_a_list_is_read_page_after_page(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    for page, link in ((1, {"link": f'<{ROOT}/things?page=2>; rel="next"'}), (2, {})):
        match = [matchers.query_param_matcher({"page": page, "per_page": 100})]
        vendor.get(f"{ROOT}/things", json=[{"id": page}], headers=link, match=match)

    assert [each["id"].whole() for each in api.items("/things")] == [1, 2]


@pytest.mark.parametrize(("status", "error"), [(403, AccessDenied), (404, HelpdeskDown)])
def test_a_list_that_does_not_come_concerns_the_account(status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match="/groups"):
        listed(Answer(status, Raw(None)), "/groups")


@pytest.mark.parametrize(("status", "reason"), [(404, "gone"), (410, "gone"), (403, "forbidden")])
def test_a_ticket_that_does_not_come_is_gone(status: int, reason: str) -> None:
    with pytest.raises(TicketGone) as caught:
        of_ticket(Answer(status, Raw(None)))

    assert caught.value.reason == reason


def test_an_id_is_the_number_that_it_says() -> None:
    assert number("48213", "ticket") == 48213


@pytest.mark.parametrize("text", ["", "-1", "1.5", "\u0663", "1" * 20])
def test_an_id_of_anything_but_digits_names_what_it_was_for(text: str) -> None:
    with pytest.raises(PayloadUnexpected, match="ticket: wanted an id of digits"):
        number(text, "ticket")
