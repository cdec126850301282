"""The bell on Redis: a job for each ticket; one that is away costs no time and raises nothing."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from adapters.ticket import TicketKey, TicketKind
from bot.queue.redis_wakeup import JOB, QUEUE_NAME, RedisBell
from tests.harness.servers import OwnRedis

pytestmark = pytest.mark.both_storages

KEY = TicketKey("acme", TicketKind.TICKET, "42")
OTHER = TicketKey("acme", TicketKind.CONVERSATION, "7")


def test_a_redis_that_is_away_costs_no_time_and_raises_nothing() -> None:
    bell = RedisBell("redis://127.0.0.1:9/0")
    started = time.monotonic()

    heard = [bell.ring(KEY) for _ in range(50)]

    assert not any(heard)
    assert time.monotonic() - started < 2


def patient(url: str) -> RedisBell:
    """Waits for a Redis that is there, however slow the machine is."""
    return RedisBell(url, wait_s=60.0)


def jobs(url: str) -> list[Job]:
    return Queue(QUEUE_NAME, connection=Redis.from_url(url), serializer=JSONSerializer).jobs


def test_each_ring_is_a_job_that_names_a_ticket_and_nothing_else(redis_url: str) -> None:
    bell = patient(redis_url)

    assert bell.ring(KEY)
    assert bell.ring_all([OTHER, KEY])

    assert [(job.func_name, list(job.args), job.kwargs) for job in jobs(redis_url)] == [
        (JOB, [str(key)], {}) for key in (KEY, OTHER, KEY)
    ]
    assert {(job.timeout, job.result_ttl, job.failure_ttl) for job in jobs(redis_url)} == {(120, 0, 3600)}


def test_unanswered_rings_are_counted_and_none_where_redis_does_not_say(redis_url: str) -> None:
    bell = patient(redis_url)
    bell.ring_all([KEY, OTHER])

    assert bell.unanswered() == 2
    assert RedisBell("redis://127.0.0.1:9/0").unanswered() == 0


def test_after_one_failure_nobody_is_asked_for_a_while(redis_server: OwnRedis, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("bot.queue.redis_wakeup.time", SimpleNamespace(monotonic=lambda: now[0]))
    bell = RedisBell("redis://127.0.0.1:9/0")
    assert not bell.ring(KEY)
    bell._queue = patient(redis_server.made_ready().url)._queue  # it is back

    heard = []
    for moment in (101.9, 102.0):
        now[0] = moment
        heard.append(bell.ring(KEY))

    assert heard == [False, True]
