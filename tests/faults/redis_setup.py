"""What the faults of the queue share: Deskhand with a Redis of its own, and the sweep that rings again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import worker
from bot.queue.redis_wakeup import QUEUE_NAME
from bot.scheduler.ticker import Ticker, TickerParts
from tests.harness import storage
from tests.harness.deskhand import Running, deskhand
from tests.harness.servers import OwnRedis, redis_server


@contextmanager
def with_redis(
    folder: Path, monkeypatch: pytest.MonkeyPatch, database: str | None = None, provider: str = "freshdesk"
) -> Iterator[tuple[Running, OwnRedis]]:
    """Its jobs are worked off by `run.settle`, through RQ."""
    monkeypatch.setattr(worker, "_parts_of_process", storage.parts_at_work)
    with redis_server() as redis, deskhand(folder, provider, database=database, queue=redis.url) as run:
        yield run, redis


def jobs(redis: OwnRedis) -> int:
    return int(redis.client.llen(f"rq:queue:{QUEUE_NAME}"))


def sweep(run: Running) -> int:
    parts = TickerParts(config=run.config, engine=run.parts.engine, bell=run.parts.bell, clock=run.parts.clock, owner="the sweep")
    return Ticker(parts).sweep()
