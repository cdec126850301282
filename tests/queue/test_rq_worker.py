"""`queue: redis://`: the same work through a real Redis and real RQ workers; what Redis loses, the ticker rings again.

A Redis that goes away while workers work, and comes back: they work on without it, and end in order."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from bot.queue.redis_wakeup import QUEUE_NAME
from bot.queue.rq_worker import ASK_AGAIN_S, work_while_redis_answers
from bot.shared.heartbeat import Pulse
from bot.store.database.engine import reading
from bot.store.database.schema import accounts
from sandbox.freshdesk import FreshdeskDesk
from tests.harness.deskhand import PROVIDERS, Running, deskhand
from tests.harness.nursery import Nursery, wait
from tests.harness.processes import assert_written_once, is_quiet, is_worked_off, nursed_child, outage, wait_for
from tests.harness.servers import OwnRedis

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
FLOW = {"sweep_every_s": 0.3, "rest_s": 0.5}

pytestmark = [pytest.mark.both_storages, pytest.mark.timeout(300)]


def _waiting_jobs(url: str) -> int:
    return int(Redis.from_url(url).llen(f"rq:queue:{QUEUE_NAME}"))


@each_helpdesk
def test_a_ticket_goes_through_redis_to_the_worker_and_back(
    tmp_path: Path, provider: str, redis_url: str, nursed: Nursery
) -> None:
    with (
        deskhand(tmp_path, provider, flow=FLOW, queue=redis_url) as run,
        nursed_child(nursed, tmp_path, "worker", "--config", str(run.config.path)),
    ):
        ticket = outage(run)

        wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
        wait_for("the end of its work", lambda: is_quiet(run))
        assert_written_once(run, ticket)


def test_an_ordinary_rq_worker_does_the_work(tmp_path: Path, redis_url: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_url) as run:
        command = ("worker", QUEUE_NAME, "--url", redis_url, "--serializer", "json")
        with nursed_child(nursed, tmp_path, "rq.cli", *command, DESKHAND_CONFIG=str(run.config.path)):
            ticket = outage(run)

            wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
            wait_for("the whole run", lambda: any(row["state"] == "done" for row in run.newest_runs(ticket)))
            assert_written_once(run, ticket)


def test_a_job_gives_back_the_calls_that_it_did_not_make(tmp_path: Path, redis_url: str, nursed: Nursery) -> None:
    """Each job is a process of its own: what each takes in stock would else use up the account's minute after twenty jobs."""
    with (
        deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_url) as run,
        nursed_child(nursed, tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)),
    ):
        for _ in range(3):
            outage(run)
        wait_for("the end of all work", lambda: is_worked_off(run), every_s=0.2)
        wait_for("what is left of the last job's", lambda: _handed_out(run) <= _spent(run))


def _handed_out(run: Running) -> int:
    """Of the last minute in which anything was, also when that is over."""
    with reading(run.parts.engine) as connection:
        return int(connection.execute(select(accounts.c.window_used)).scalar_one())


def _spent(run: Running) -> int:
    assert isinstance(run.desk, FreshdeskDesk)
    return sum(run.desk.limits.spent)


@each_helpdesk
def test_what_a_flushed_redis_forgets_the_ticker_rings_again(
    tmp_path: Path, provider: str, redis_url: str, nursed: Nursery
) -> None:
    with deskhand(tmp_path, provider, flow=FLOW, queue=redis_url) as run:
        ticket = outage(run)
        wait_for("the ring", lambda: _waiting_jobs(redis_url) >= 1)
        Redis.from_url(redis_url).flushall()
        assert _waiting_jobs(redis_url) == 0

        with nursed_child(nursed, tmp_path, "worker", "--config", str(run.config.path)):
            wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
            wait_for("the end of its work", lambda: is_quiet(run))

        assert_written_once(run, ticket)


def test_a_signal_whose_exception_got_lost_ends_an_idle_worker_all_the_same(tmp_path: Path, redis_url: str) -> None:
    """Raised within a destructor, RQ's exception goes nowhere: what is left of the signal is `ended`."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    with deskhand(tmp_path, "freshdesk", queue=redis_url) as run:
        ended = threading.Event()
        threading.Timer(0.5, ended.set).start()
        begun = time.monotonic()
        try:
            work_while_redis_answers(redis_url, Pulse(run.parts.engine, "worker"), ended, lambda: None)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)

    assert time.monotonic() - begun < 2 * ASK_AGAIN_S


@pytest.mark.timeout(180)
def test_a_worker_works_on_without_redis_and_with_it_again(tmp_path: Path, redis_server: OwnRedis, nursed: Nursery) -> None:
    log = tmp_path / "worker.log"
    with (
        deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_server.url) as run,
        nursed_child(nursed, tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)) as worker,
    ):
        first = outage(run)
        wait_for("the first note", lambda: bool(run.view(first).bot_notes))

        redis_server.stop()
        wait_for("the end of RQ's loop", lambda: "queue.away" in log.read_text(encoding="utf-8"))
        second = outage(run)
        wait_for("the note without Redis", lambda: bool(run.view(second).bot_notes))
        wait_for("the end of its work", lambda: is_quiet(run))

        redis_server.start()
        wait_for("RQ's loop", lambda: "queue.back" in log.read_text(encoding="utf-8"))
        third = outage(run)
        wait_for("the note through Redis", lambda: bool(run.view(third).bot_notes))
        wait_for("its whole run", lambda: len([row for row in run.newest_runs(third) if row["state"] == "done"]) > 0)
        worker.signal(signal.SIGTERM)
        code = wait(worker)

    assert code == 0
    for ticket in (first, second, third):
        assert_written_once(run, ticket)


@pytest.mark.timeout(120)
def test_a_worker_that_starts_without_redis_works_and_ends_in_order(
    tmp_path: Path, redis_server: OwnRedis, nursed: Nursery
) -> None:
    with deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_server.url) as run:
        redis_server.stop()
        try:
            with nursed_child(nursed, tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)) as worker:
                ticket = outage(run)
                wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
                wait_for("the end of its work", lambda: is_quiet(run))
                worker.signal(signal.SIGTERM)
                code = wait(worker)
        finally:
            redis_server.start()

    assert code == 0
    assert_written_once(run, ticket)
