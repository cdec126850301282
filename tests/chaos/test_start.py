"""Starts and ends: what a process says where its database is away, and that an idle one ends when asked."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.stories.config import write_config
from tests.chaos.world import world
from tests.harness.nursery import Nursery, nursery, wait
from tests.harness.servers import free_port, redis_server, wait_for


@pytest.fixture(scope="module")
def nursed() -> Iterator[Nursery]:
    with nursery() as found:
        yield found


@pytest.mark.parametrize("arguments", [("webhooks",), ("worker",), ("worker", "--ticker")])
def test_a_database_that_is_away_is_told_in_a_line(tmp_path: Path, nursed: Nursery, arguments: tuple[str, ...]) -> None:
    module, *more = arguments
    url = f"postgresql+psycopg://nobody:secret-word@127.0.0.1:{free_port()}/deskhand"
    config = write_config(tmp_path, {"zendesk": "http://127.0.0.1:9"}, free_port(), datetime.now(UTC), database=url)

    code = wait(nursed.start(module, *more, "--config", str(config), log=tmp_path / "log"), 60)

    said = (tmp_path / "log").read_text(encoding="utf-8")
    assert code == 1
    assert "the database cannot be used (OperationalError)" in said
    assert "Traceback" not in said
    assert "secret-word" not in said


def test_an_idle_worker_on_redis_ends_when_it_is_asked(tmp_path: Path, nursed: Nursery) -> None:
    with redis_server() as redis, world(tmp_path, nursed, workers=1, queue=redis.url, providers=("zendesk",)) as run:
        worker = run.fleet.child("worker-1")
        wait_for("the worker's registration", lambda: bool(redis.client.smembers("rq:workers")))

        worker.signal(signal.SIGTERM)

        assert wait(worker, 15) == 0
