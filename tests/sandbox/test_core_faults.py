"""Faults to order do to a call what they say, and to the stored state what they say."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from sandbox.faults import Fault, from_json
from sandbox.zendesk import ZendeskDesk
from tests.harness.servers import wait_for
from tests.sandbox.zendesk_client import ANNA, Client, Clock, opened, zendesk

Pair = tuple[ZendeskDesk, Client]


@pytest.fixture
def pair() -> Iterator[Pair]:
    with zendesk() as both:
        yield both


def test_reset_after_commit_applies_the_write_and_answers_nothing(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("reset_after_commit", method="PUT")

    with pytest.raises(requests.ConnectionError) as error:
        client.put(ticket, tags=["kept"])

    assert "reset by peer" in str(error.value)
    assert desk.view(ticket).tags == {"kept"}
    assert desk.effects.calls(method="PUT")[0].status == 0
    assert len(desk.effects.effects(ticket)) == 1


@pytest.mark.parametrize("kind", ["reset_before", "hang"])
def test_a_write_that_was_cut_before_is_not_applied(pair: Pair, kind: str) -> None:
    desk, client = pair
    ticket = opened(desk)
    before = desk.view(ticket).tags
    desk.faults.order(kind, method="PUT", seconds=0.05)

    with pytest.raises(requests.ConnectionError):
        client.put(ticket, tags=["lost"])

    assert desk.view(ticket).tags == before
    assert desk.effects.effects(ticket) == []


def test_late_apply_takes_effect_after_the_connection_is_gone(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("late_apply", method="PUT", seconds=0.2)

    with pytest.raises(requests.ConnectionError):
        client.put(ticket, tags=["late"])

    wait_for("the late write", lambda: desk.view(ticket).tags == {"late"})


def test_a_late_write_that_waits_lands_when_it_is_told_to(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("late_apply", method="PUT", waits=True)

    with pytest.raises(requests.ConnectionError):
        client.put(ticket, tags=["late"])
    client.put(ticket, tags=["meanwhile"])
    before = desk.view(ticket).tags
    landed = [desk.faults.land(), desk.faults.land()]

    assert landed == [1, 0]
    assert before == {"meanwhile"}
    assert desk.view(ticket).tags == {"late"}


def test_not_applied_answers_well_and_changes_nothing(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    before, sent = desk.view(ticket), len(desk.webhooks.sent)
    desk.faults.order("not_applied", method="PUT")

    answer = client.put(ticket, tags=["dream"])

    assert answer.json()["ticket"]["tags"] == ["dream"]
    assert desk.view(ticket) == before
    assert len(desk.webhooks.sent) == sent
    assert desk.effects.effects(ticket) == []


def test_a_stale_read_shows_the_past_and_the_next_one_the_present() -> None:
    clock = Clock()
    with zendesk(clock=clock) as (desk, client):
        ticket = opened(desk, tags=["old"])
        clock.tick(3)
        desk.agent_update(ticket, agent=ANNA, tags_add=["new"])
        clock.tick(1)
        desk.faults.order("stale_read", seconds=2)

        stale, fresh = (client.get(f"/tickets/{ticket}")["ticket"]["tags"] for _ in range(2))

    assert "new" not in stale
    assert "new" in fresh


def test_errors_come_in_the_vendors_shape_with_retry_after(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("429", method="PUT", retry_after=7)

    answers = [client.put(ticket, priority="high") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [429, 200]
    assert answers[0].headers["Retry-After"] == "7"
    assert answers[0].json()["error"] == "APIRateLimitExceeded"


def test_a_truncated_answer_and_a_page_in_place_of_json(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("truncate", method="PUT")
    desk.faults.order("html_200", method="GET")

    with pytest.raises(requests.RequestException):
        client.put(ticket, priority="high")
    page = client.call("GET", f"/tickets/{ticket}")

    assert desk.view(ticket).priority == "high"
    assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")


@pytest.mark.parametrize("kind", ["drip_headers", "drip_body"])
def test_a_drip_takes_its_time_and_is_whole_in_the_end(pair: Pair, kind: str) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order(kind, method="GET", seconds=0.2)
    started = time.monotonic()

    answer = client.get(f"/tickets/{ticket}")

    assert time.monotonic() - started >= 0.2
    assert answer["ticket"]["id"] == int(ticket)


def test_a_hook_lets_an_agent_write_between_read_and_write(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    def edit(method: str, path: str) -> None:
        if method == "PUT":
            desk.agent_update(ticket, agent=ANNA, tags_add=["by-anna"])

    desk.faults.before_call(edit)
    client.put(ticket, priority="high")

    assert desk.view(ticket).tags == {"by-anna"}


def test_after_n_and_times_choose_which_calls_are_struck(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.add(Fault("503", path=rf"/tickets/{ticket}$", after_n=1, times=2))

    statuses = [client.call("GET", f"/tickets/{ticket}").status_code for _ in range(4)]

    assert statuses == [200, 503, 503, 200]


def test_faults_are_ordered_over_http_and_wrong_orders_are_refused(pair: Pair) -> None:
    desk, client = pair
    order = {"match": {"method": "PUT", "path": "tickets"}, "fault": "500", "times": 3}

    accepted = requests.post(f"{client.address}/_sandbox/faults", json=order, timeout=60)
    refused = requests.post(f"{client.address}/_sandbox/faults", json={"fault": "gremlin"}, timeout=60)

    assert desk.faults.pending() == [from_json(order)]
    assert accepted.json()[0]["kind"] == "500"
    assert refused.status_code == 400
    assert "gremlin" in refused.json()["error"]


def test_any_error_answer_may_be_ordered(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("409", method="PUT")

    locked, after = client.put(ticket, tags=["a"]), client.put(ticket, tags=["a"])

    assert (locked.status_code, locked.json()["error"]) == (409, "UpdateConflict")
    assert after.status_code == 200


def test_a_vendor_that_leaves_fields_out_answers_with_what_it_kept(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.add(from_json({"fault": "drop_fields", "match": {"method": "PUT"}, "fields": ["priority"]}))

    answer = client.put(ticket, priority="urgent", tags=["kept"]).json()["ticket"]

    assert (answer["priority"], answer["tags"]) == (None, ["kept"])
    assert desk.view(ticket).tags == {"kept"}


def test_a_broken_compression_and_headers_of_ones_own(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.faults.order("bad_gzip", method="PUT")
    desk.faults.order("429", method="GET", headers={"ratelimit-reset": "42"})

    with pytest.raises(requests.exceptions.ContentDecodingError):
        client.put(ticket, tags=["kept"])

    assert desk.view(ticket).tags == {"kept"}
    assert client.call("GET", f"/tickets/{ticket}").headers["ratelimit-reset"] == "42"
