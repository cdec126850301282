"""Webhook senders: signed per attempt, retried with the vendor's manners, troubled to order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket

import pytest

from sandbox.deliver import Attempt, Delivery, freshdesk_retry, intercom_retry, zendesk_retry
from sandbox.intercom.desk import IntercomDesk
from tests.sandbox.receiver import receiving
from tests.sandbox.zendesk_client import ANNA, opened, zendesk

DELIVERY = Delivery(id="1", topic="t", ticket="1", body=b"{}")


def failed(status: int, number: int, retry_after_s: float | None = None) -> Attempt:
    return Attempt(delivery=DELIVERY, number=number, status=status, retry_after_s=retry_after_s, took_s=0.1)


def test_a_webhook_is_signed_over_time_and_raw_body() -> None:
    with receiving() as receiver, zendesk(target=receiver.address) as (desk, _):
        opened(desk)
        assert desk.wait_idle(5)

        headers, body = receiver.got[0]

    signed = headers["x-zendesk-webhook-signature-timestamp"].encode() + body
    expected = base64.b64encode(hmac.new(b"sandbox-zendesk-secret", signed, hashlib.sha256).digest()).decode()
    assert headers["x-zendesk-webhook-signature"] == expected
    assert json.loads(body)["type"] == "zen:event-type:ticket.created"


def test_503_with_a_short_retry_after_is_sent_again_and_500_is_lost() -> None:
    with receiving() as receiver, zendesk(target=receiver.address) as (desk, _):
        receiver.answers = [("503 Busy", [("Retry-After", "5")]), ("202 Accepted", []), ("500 Oops", [])]
        opened(desk)
        assert desk.wait_idle(5)
        opened(desk)
        assert desk.wait_idle(5)

    assert [attempt.status for attempt in desk.webhooks.attempts] == [503, 202, 500]


def test_each_try_of_an_intercom_notification_counts_itself_and_keeps_its_id() -> None:
    with receiving() as receiver:
        desk = IntercomDesk(target=receiver.address, time_scale=0.001)
        receiver.answers = [("500 Oops", []), ("202 Accepted", []), ("202 Accepted", [])]
        desk.create_ticket(requester="nina.network@northwind.example", subject="Help", body="Hello")
        assert desk.wait_idle(5)
        desk.webhooks.again(desk.webhooks.sent[0])
        assert desk.wait_idle(5)
        got = [json.loads(body) for _, body in receiver.got]
        desk.webhooks.stop()

    assert [each["delivery_attempts"] for each in got] == [1, 2, 3]
    assert len({each["id"] for each in got}) == 1
    assert [each["first_sent_at"] for each in got] == [got[0]["first_sent_at"]] * 3


def test_an_unreachable_receiver_leaves_the_stand_in_unharmed() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with zendesk(target=f"http://127.0.0.1:{port}/") as (desk, _):
        opened(desk)

        assert desk.wait_idle(5)
        assert [attempt.status for attempt in desk.webhooks.attempts] == [-1]


def test_copies_go_out_and_dropped_ones_do_not() -> None:
    with receiving() as receiver, zendesk(target=receiver.address) as (desk, _):
        desk.webhooks.trouble.duplicate = 10
        ticket = opened(desk)
        assert desk.wait_idle(5)
        desk.webhooks.trouble.drop = 1.0
        desk.agent_note(ticket, "not told", ANNA)
        assert desk.wait_idle(5)

    assert len(receiver.got) == 10
    assert len({body for _, body in receiver.got}) == 1
    assert len(desk.webhooks.sent) == 2


def test_shuffled_deliveries_all_arrive_in_another_order() -> None:
    with receiving() as receiver, zendesk(target=receiver.address) as (desk, _):
        desk.webhooks.trouble.shuffle_s = 0.3
        ticket = opened(desk)
        for number in range(12):
            desk.agent_update(ticket, agent=ANNA, tags_add=[f"t{number}"])
        assert desk.wait_idle(5)

    sent = [delivery.id for delivery in desk.webhooks.sent]
    got = [json.loads(body)["id"] for _, body in receiver.got]
    assert sorted(got) == sorted(sent)
    assert got != sent


@pytest.mark.parametrize(
    ("attempt", "wait_s"),
    [
        (failed(409, 3), 1.0),
        (failed(409, 4), None),
        (failed(503, 1), None),
        (failed(503, 1, 59), 59),
        (failed(429, 1, 60), None),
        (failed(0, 5), 5.0),
        (failed(0, 6), None),
        (failed(500, 1), None),
    ],
)
def test_zendesk_manners(attempt: Attempt, wait_s: float | None) -> None:
    assert zendesk_retry(attempt) == wait_s


def test_intercom_tries_once_more_and_throttles_on_429() -> None:
    assert [intercom_retry(failed(500, number)) for number in (1, 2)] == [60.0, None]
    assert [intercom_retry(failed(429, number)) for number in (1, 2, 8)] == [60.0, 120.0, None]


def test_freshdesk_tries_48_times_every_half_hour() -> None:
    assert [freshdesk_retry(failed(500, number)) for number in (1, 48, 49)] == [1800.0, 1800.0, None]
