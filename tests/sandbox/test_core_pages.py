"""The pages, the control API and the server around a stand-in."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import requests

from sandbox.serve import ports_from, serve
from sandbox.world import load
from sandbox.zendesk import ZendeskDesk
from tests.sandbox.zendesk_client import ANNA, CLARA, Client, opened, zendesk

Pair = tuple[ZendeskDesk, Client]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with zendesk() as both:
        yield both


def test_the_page_shows_a_private_note_apart_from_a_reply(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_note(ticket, "only for us", ANNA)
    desk.agent_reply(ticket, "for you", ANNA)

    page = requests.get(f"{client.address}/ticket/{ticket}", timeout=60).text

    assert page.index('class="message note"') < page.index("only for us") < page.index('class="message reply"')
    assert page.index('class="message reply"') < page.index("for you")


def test_the_page_lets_no_markup_of_a_customer_through(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk, subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)>")
    client.put(ticket, comment={"html_body": "<b onclick='x()'>fine</b><script>bad()</script>", "public": False})

    answer = requests.get(f"{client.address}/ticket/{ticket}", timeout=60)

    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert "onclick" not in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_forms_write_as_customer_and_as_agent(pair: Pair) -> None:
    desk, client = pair
    requests.post(
        f"{client.address}/new", data={"requester": CLARA, "subject": "Hello", "body": "Help", "channel": "web"}, timeout=60
    )  # fmt: skip
    ticket = desk.ids()[0]
    page = f"{client.address}/ticket/{ticket}"

    requests.post(page, data={"act": "note", "body": "mine", "agent": ANNA}, timeout=60)
    requests.post(
        page, data={"act": "update", "tags": "vip, eu", "status": "new", "priority": "urgent", "agent": ANNA}, timeout=60
    )

    view = desk.view(ticket)
    assert [note.text for note in view.notes] == ["mine"]
    assert (view.priority, view.tags, view.status) == ("urgent", frozenset({"vip", "eu"}), "new")


def test_a_refusal_is_told_on_the_page(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_update(ticket, agent=ANNA, status="closed")

    page = requests.post(f"{client.address}/ticket/{ticket}", data={"act": "note", "body": "late", "agent": ANNA}, timeout=60)

    assert "closed prevents ticket update" in page.text


def test_another_host_name_is_not_served(pair: Pair) -> None:
    _, client = pair

    answers = [
        requests.get(f"{client.address}{path}", headers={"Host": "evil.example"}, timeout=60).status_code
        for path in ("/", "/api/v2/tickets", "/_sandbox/effects")
    ]

    assert answers == [421, 421, 421]


def test_effects_and_calls_are_told_over_http(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    client.get(f"/tickets/{ticket}")
    client.put(ticket, tags=["a"], comment={"body": "seen", "public": False})

    effects = requests.get(f"{client.address}/_sandbox/effects?ticket={ticket}", timeout=60).json()
    calls = requests.get(f"{client.address}/_sandbox/calls?ticket={ticket}", timeout=60).json()

    assert [(each["what"], sorted(each["changes"])) for each in effects] == [("update", ["note", "tags"])]
    assert effects[0]["actor"] == "deskhand.bot@example.com"
    assert calls["counts"] == {"GET /api/v2/tickets/<ticket_id> 200": 1, "PUT /api/v2/tickets/<ticket_id> 200": 1}
    assert calls["per_ticket"] == {ticket: 2}


def test_verbs_and_views_work_over_http_and_leave_no_effects(pair: Pair) -> None:
    desk, client = pair
    verbs = f"{client.address}/_sandbox/verbs"

    wish = {"requester": CLARA, "subject": "Hi", "body": "There"}
    ticket = requests.post(f"{verbs}/create_ticket", json=wish, timeout=60).json()["result"]
    requests.post(f"{verbs}/agent_note", json={"ticket": ticket, "body": "n", "agent": ANNA}, timeout=60)
    view = requests.get(f"{client.address}/_sandbox/tickets/{ticket}", timeout=60).json()

    assert [message["is_public"] for message in view["messages"]] == [True, False]
    assert desk.effects.calls() == []
    assert requests.post(f"{verbs}/explode", json={}, timeout=60).status_code == 404


def test_reset_makes_it_as_new(pair: Pair) -> None:
    desk, client = pair
    opened(desk)
    first = client.get("/users/me")["user"]["id"]

    requests.post(f"{client.address}/_sandbox/reset", timeout=60)

    assert desk.ids() == []
    assert desk.webhooks.sent == []
    assert client.get("/users/me")["user"]["id"] == first
    assert opened(desk) == "1001"


DELAYED_S = 0.04  # what a write in two parts waits for the other side's word, once the connection is older than some packets


def test_a_connection_is_kept_alive_and_calls_are_quick(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    took = []

    for _ in range(50):
        started = time.monotonic()
        client.get(f"/tickets/{ticket}")
        took.append(time.monotonic() - started)

    assert sorted(took[20:])[5] < DELAYED_S  # others who compute on this machine do not slow each of them
    assert "Connection" not in client.call("GET", f"/tickets/{ticket}").headers


def test_serve_says_where_each_one_is_and_ends_when_told() -> None:
    said: list[str] = []
    until = threading.Event()
    thread = threading.Thread(
        target=serve, args=({"zendesk": ZendeskDesk()},), kwargs={"ports": {"zendesk": 0}, "say": said.append, "until": until}
    )
    thread.start()
    while "sandbox ready" not in said:
        time.sleep(0.01)

    answer = requests.get(said[0].split()[1], timeout=60).status_code
    until.set()
    thread.join(5)

    assert answer == 200
    assert not thread.is_alive()


def test_ports_follow_from_a_base() -> None:
    assert ports_from(9000) == {"zendesk": 9000, "intercom": 9001, "freshdesk": 9002, "model": 9003}


def test_the_world_has_its_companies_people_and_macros() -> None:
    world = load()

    assert world.company_of(CLARA).fields["arr"] == 120000  # type: ignore[union-attr]
    assert all(world.company_of(person.email) for person in world.people)
    assert {team for agent in world.agents for team in agent.teams} == set(world.teams)
    assert world.person("new.face@elsewhere.example").name == "New Face"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},  # another server on this machine
        {"Origin": "http://[", "Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/new", "/_sandbox/reset", "/_sandbox/effects/reset"])
def test_a_page_elsewhere_gives_no_orders(pair: Pair, path: str, headers: dict[str, str]) -> None:
    desk, client = pair
    ticket = opened(desk)

    answer = requests.post(f"{client.address}{path}", data={"requester": CLARA, "subject": "x"}, headers=headers, timeout=60)

    assert answer.status_code == 403
    assert desk.ids() == [ticket]


def test_its_own_pages_and_scripts_give_orders(pair: Pair) -> None:
    desk, client = pair
    order = {"requester": CLARA, "subject": "Hello", "body": "Help", "channel": "web"}

    own = {"Origin": client.address, "Sec-Fetch-Site": "same-origin"}
    for headers in (own, {}):
        assert requests.post(f"{client.address}/new", data=order, headers=headers, timeout=60).ok

    assert len(desk.ids()) == 2
