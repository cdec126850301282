"""One Zendesk account's client: credentials, paths, paging, and what a refusal means."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import responses

from adapters.errors import AccessDenied, HelpdeskDown, OutcomeUnknown, TicketGone
from adapters.helpdesk import DictCache
from adapters.transport import Transport
from adapters.zendesk.api import CALL_LIMITS, Chain, connect_api, path_to
from adapters.zendesk.hydrate import hydrate
from adapters.zendesk.requests import find_marker
from tests.adapters.zendesk.account import ACCOUNT, ADDRESS, API, KEY, answers, client, fixture, reads


def test_a_loop_of_pages_ends(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "follow_up")
    answers(desk, "/tickets/42/comments", json=fixture("comments") | {"meta": {"has_more": True, "after_cursor": "again"}})
    answers(desk, "/users/me", "me")

    hydrate(KEY, client())

    assert reads(desk).count("/tickets/42/comments") == 2


def test_a_next_page_by_link_is_followed_on_our_host_only(desk: responses.RequestsMock) -> None:
    rows = fixture("comments")["comments"]
    answers(desk, "/tickets/42", "follow_up")
    answers(desk, "/tickets/42/comments", json={"comments": rows[:3], "next_page": f"{API}/tickets/42/comments.json?page=2"})
    answers(desk, "/tickets/42/comments", json={"comments": rows[3:], "next_page": "https://evil.example/api/v2/x?page=3"})

    with pytest.raises(HelpdeskDown, match="another host"):
        hydrate(KEY, client())

    assert "page=2" in str(desk.calls[-1].request.url)


@pytest.mark.parametrize(("status", "reason"), [(404, "gone"), (410, "gone"), (403, "forbidden")])
def test_a_ticket_that_we_may_not_see_is_gone(desk: responses.RequestsMock, status: int, reason: str) -> None:
    answers(desk, "/tickets/42", status=status, json={"error": "RecordNotFound"})

    with pytest.raises(TicketGone) as caught:
        hydrate(KEY, client())

    assert caught.value.reason == reason


@pytest.mark.parametrize("external_id", ["../users/me", "1?x=1", "1#x", "", "٤٢"])
def test_an_id_that_is_no_number_never_becomes_a_path(desk: responses.RequestsMock, external_id: str) -> None:
    key = replace(KEY, external_id=external_id)

    for call in (lambda: hydrate(key, client()), lambda: find_marker(key, "DHMARKER", client())):
        answers(desk, "/users/me", "me")
        with pytest.raises(TicketGone):
            call()

    assert set(reads(desk)) <= {"/users/me"}


def test_a_read_is_tried_again_after_a_server_error(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", status=502)
    answers(desk, "/tickets/42", "new_ticket")

    assert hydrate(KEY, client()).number == "42"


def test_credentials_go_to_the_accounts_address_as_basic_auth(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    hydrate(KEY, client())

    sent = desk.calls[0].request
    assert str(sent.url).startswith(f"{API}/tickets/42?include=users")
    assert str(sent.headers["Authorization"]).startswith("Basic ")


def test_an_oauth_token_goes_as_bearer(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    hydrate(KEY, client(replace(ACCOUNT, credentials={"oauth_token": "sandbox-oauth-token"})))

    assert desk.calls[0].request.headers["Authorization"] == "Bearer sandbox-oauth-token"


def test_missing_credentials_are_named_and_not_shown() -> None:
    account = replace(ACCOUNT, credentials={"email": "canary@example.com"})

    with pytest.raises(AccessDenied, match="account acme: credentials need") as caught:
        connect_api(account, Transport(ADDRESS, allow_private=True), DictCache())

    assert "canary" not in str(caught.value)


def test_a_path_is_made_of_numbers_alone() -> None:
    assert path_to("/tickets/{}/macros/{}/apply", "42", "6001") == "/tickets/42/macros/6001/apply"


def test_a_list_that_is_refused_concerns_the_account(desk: responses.RequestsMock) -> None:
    answers(desk, "/groups", status=403, json={"error": "Forbidden"})

    with pytest.raises(AccessDenied, match="/groups"):
        client().get("/groups")


def test_a_write_without_an_answer_is_of_unknown_outcome() -> None:
    def breaks() -> None:
        raise KeyError("zenpy")

    with pytest.raises(OutcomeUnknown, match="KeyError"):
        client().write(breaks)


def test_a_chain_bases_a_request_on_what_the_one_before_left() -> None:
    chain = Chain()

    chain.confirm("42", "t1", 0, "t2")

    assert [chain.stamp_for("42", "t1", number) for number in (0, 1)] == ["t1", "t2"]
    assert chain.stamp_for("43", "t1", 1) == "t1"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/api/v2/tickets/42.json", ["ticket update"]),
        ("/api/v2/tickets/42", ["ticket update"]),
        ("/api/v2/tickets/42/comments", []),
        ("/api/v2/incremental/tickets/cursor", ["export"]),
    ],
)
def test_limits_are_those_of_the_path(path: str, names: list[str]) -> None:
    assert [limit.name for limit in CALL_LIMITS if re.fullmatch(limit.path, path)] == names
