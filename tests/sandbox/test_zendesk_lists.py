"""The Zendesk stand-in's lists and its door: pages, the export, search, macros; who may come in, how often, and its errors."""

from __future__ import annotations

import time

import requests

from tests.sandbox.zendesk_client import ANNA, CLARA, NOON, Clock, Pair, opened, zendesk


def test_comments_page_by_cursor_to_the_end(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    for number in range(6):
        desk.customer_reply(ticket, f"message {number}")
    bodies, after, pages = [], "", 0

    while True:
        page = client.get(f"/tickets/{ticket}/comments?page[size]=3&include=users{after}")
        bodies += [comment["body"] for comment in page["comments"]]
        pages += 1
        if not page["meta"]["has_more"]:
            break
        after = f"&page[after]={page['meta']['after_cursor']}"

    assert pages == 3
    assert bodies == ["Nothing works."] + [f"message {number}" for number in range(6)]
    assert [user["email"] for user in page["users"]] == [CLARA]


def test_lists_page_by_number_as_well(pair: Pair) -> None:
    desk, client = pair
    for _ in range(3):
        opened(desk)

    page = client.get("/tickets.json?per_page=2")

    assert (len(page["tickets"]), page["count"]) == (2, 3)
    assert "page=2" in page["next_page"]
    assert client.call("GET", "/tickets?page=101").status_code == 400


def test_a_deleted_ticket_is_gone_but_stays_in_the_export(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.delete(ticket)

    assert client.call("GET", f"/tickets/{ticket}").status_code == 404
    start = int(time.time()) - 3600
    assert [row["status"] for row in client.get(f"/incremental/tickets/cursor?start_time={start}")["tickets"]] == ["deleted"]


def test_the_export_goes_on_from_its_cursor(clock: Clock) -> None:
    with zendesk(clock=clock) as (desk, client):
        for _ in range(3):
            opened(desk)
        start = int(NOON.timestamp()) - 100

        first = client.get(f"/incremental/tickets/cursor?start_time={start}&per_page=2&include=users")
        second = client.get(f"/incremental/tickets/cursor?cursor={first['after_cursor']}")
        clock.tick(2)
        desk.agent_update("1001", agent=ANNA, priority="high")
        third = client.get(f"/incremental/tickets/cursor?cursor={second['after_cursor']}")

        assert [row["id"] for row in first["tickets"]] == [1001, 1002]
        assert (first["end_of_stream"], second["end_of_stream"]) == (False, True)
        assert [row["id"] for row in second["tickets"]] == [1003]
        assert [row["id"] for row in third["tickets"]] == [1001]
        too_recent = client.call("GET", f"/incremental/tickets/cursor?start_time={int(clock.now.timestamp()) - 5}")
        assert too_recent.status_code == 422


def test_macros_are_previewed_and_never_applied(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    before = desk.view(ticket)
    macro = next(row for row in client.get("/macros?active=true")["macros"] if row["title"] == "VIP acknowledgement")

    on_ticket = client.get(f"/tickets/{ticket}/macros/{macro['id']}/apply")["result"]
    alone = client.get(f"/macros/{macro['id']}/apply")["result"]["ticket"]

    assert on_ticket["comment"]["body"].startswith("Hello Clara,")
    assert f"#{ticket}" in on_ticket["comment"]["body"]
    assert on_ticket["ticket"]["tags"] == ["vip-acknowledged"]
    assert on_ticket["ticket"]["subject"] == "All down"
    assert set(alone) == {"comment", "priority", "tags", "group_id"}
    assert "{{ticket.requester.first_name}}" in alone["comment"]["body"]
    assert desk.view(ticket) == before


def test_who_is_not_known_gets_401_whatever_the_way(pair: Pair) -> None:
    _, client = pair
    url = f"{client.address}/api/v2/users/me.json"

    wrong = requests.get(url, auth=("deskhand.bot@example.com/token", "guess"), timeout=60)
    password = requests.get(url, auth=("deskhand.bot@example.com", "sandbox-zendesk-token"), timeout=60)
    bearer = requests.get(url, headers={"Authorization": "Bearer sandbox-zendesk-token"}, timeout=60)

    assert [wrong.status_code, password.status_code, bearer.status_code] == [401, 401, 200]
    assert wrong.json() == {"error": "Couldn't authenticate you"}
    assert bearer.json()["user"]["email"] == "deskhand.bot@example.com"


def test_error_comes_as_a_word_or_as_an_object(pair: Pair) -> None:
    _, client = pair

    missing = client.call("GET", "/tickets/999")
    bad = client.call("GET", "/tickets/abc")
    nowhere = client.call("GET", "/no/such/path")

    assert (missing.status_code, missing.json()["error"]) == (404, "RecordNotFound")
    assert (bad.status_code, bad.json()["error"]["title"]) == (400, "Invalid attribute")
    assert nowhere.status_code == 404
    assert missing.headers["X-Request-Id"]


def test_limits_answer_429_with_retry_after_once_switched_on(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.limits.updates_per_ticket = 2

    answers = [client.put(ticket, tags=[f"t{number}"]) for number in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 600
    assert int(answers[1].headers["X-Rate-Limit-Remaining"]) > 0
    assert desk.view(ticket).tags == {"t1"}


def test_search_finds_by_status_tags_and_words(pair: Pair) -> None:
    desk, client = pair
    wanted = opened(desk, tags=["vip"])
    opened(desk)
    solved = opened(desk, tags=["vip"])
    desk.agent_update(solved, agent=ANNA, status="solved")

    found = client.call("GET", "/search", params={"query": "type:ticket status<solved tags:vip down"}).json()["results"]

    assert [row["id"] for row in found] == [int(wanted)]
    assert found[0]["result_type"] == "ticket"
