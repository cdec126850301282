"""F34: Redis is emptied while a thousand jobs wait, one for each delivery. All thousand deliveries come to their end, and nothing
is written twice."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

import worker
from adapters.ticket import Event, EventType, Provider, TicketKey
from bot.queue.redis_wakeup import QUEUE_NAME, RedisBell
from bot.scheduler.ticker import MAX_RINGS, Ticker, TickerParts
from bot.store import deliveries, runs, tickets
from bot.store.database.engine import reading
from bot.store.deliveries import Incoming
from tests.harness import storage
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY
from tests.harness.storage import Jobs

COUNT = 1000
TICKETS = 150  # a run each


@pytest.mark.timeout(300)
def test_F34_all_finish_and_none_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis_url: str) -> None:
    monkeypatch.setattr(worker, "_parts_of_process", storage.parts_at_work)
    bench, redis = Bench(tmp_path, queue=redis_url), Redis.from_url(redis_url)
    bell = RedisBell(redis_url, wait_s=60.0)  # a thousand are heard on a busy machine too
    bench.parts.bell = bell
    keys = [replace(KEY, external_id=str(1000 + number)) for number in range(TICKETS)]
    bench.desk.tickets |= {key: replace(bench.desk.ticket, external_id=key.external_id) for key in keys}
    with bench.engine.begin() as connection:
        deliveries.store_all(connection, [_delivery(keys[number % TICKETS], number) for number in range(COUNT)])
    for number in range(COUNT):
        bell.ring(keys[number % TICKETS])
    assert redis.llen(f"rq:queue:{QUEUE_NAME}") == COUNT

    redis.flushall()
    parts = TickerParts(config=bench.parts.config, engine=bench.engine, bell=bell, clock=bench.parts.clock, owner="sweep")
    jobs, most, ends_at = Jobs(redis_url), 0, time.monotonic() + 240
    while _unfinished(bench) and time.monotonic() < ends_at:
        Ticker(parts).sweep()
        Ticker(parts).sweep()  # the next one comes before anybody has worked
        most = max(most, int(redis.llen(f"rq:queue:{QUEUE_NAME}")))
        jobs.work(bench.parts)

    assert _unfinished(bench) == 0
    assert most <= MAX_RINGS
    sent = Counter(request.ticket for request in bench.desk.applied if request.marker)
    assert set(sent) == set(keys)
    assert set(sent.values()) == {1}
    with reading(bench.engine) as connection:
        assert deliveries.counts(connection) == {"done": COUNT}
        assert all(len(runs.newest(connection, 5, key)) == 1 for key in keys)
    jobs.close()
    redis.close()
    bench.close()


def _delivery(key: TicketKey, number: int) -> Incoming:
    name = f"event-{number}"
    heard = Event(provider=Provider.FRESHDESK, type=EventType.OTHER, ticket=key, delivery_key=name, has_delivery_id=True)
    return Incoming(account=key.account, delivery_key=name, body=b"{}", events=(heard,), received_at=datetime.now(UTC))


def _unfinished(bench: Bench) -> int:
    with reading(bench.engine) as connection:
        return tickets.unfinished(connection)
