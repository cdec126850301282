"""A Redis that goes away while workers work, and comes back: they work on without it, and end in order."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.harness.deskhand import deskhand
from tests.harness.processes import assert_written_once, is_quiet, outage, process, wait_for
from tests.harness.servers import OwnRedis

pytestmark = pytest.mark.both_storages

FLOW = {"sweep_every_s": 0.3, "rest_s": 0.5}


@pytest.mark.timeout(180)
def test_a_worker_works_on_without_redis_and_with_it_again(tmp_path: Path, redis_server: OwnRedis) -> None:
    log = tmp_path / "worker.log"
    with (
        deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_server.url) as run,
        process(tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)) as worker,
    ):
        first = outage(run)
        wait_for("the first note", lambda: bool(run.view(first).bot_notes))

        redis_server.stop()
        wait_for("the end of RQ's loop", lambda: "queue.away" in log.read_text(encoding="utf-8"))
        begun = time.monotonic()
        second = outage(run)
        wait_for("the note without Redis", lambda: bool(run.view(second).bot_notes))
        waited_s = time.monotonic() - begun
        wait_for("the end of its work", lambda: is_quiet(run))

        redis_server.start()
        wait_for("RQ's loop", lambda: "queue.back" in log.read_text(encoding="utf-8"))
        third = outage(run)
        wait_for("the note through Redis", lambda: bool(run.view(third).bot_notes))
        wait_for("its whole run", lambda: len([row for row in run.newest_runs(third) if row["state"] == "done"]) > 0)
        worker.send_signal(signal.SIGTERM)
        code = worker.wait(20)

    assert code == 0
    assert waited_s < 7
    for ticket in (first, second, third):
        assert_written_once(run, ticket)


@pytest.mark.timeout(120)
def test_a_worker_that_starts_without_redis_works_and_ends_in_order(tmp_path: Path, redis_server: OwnRedis) -> None:
    with deskhand(tmp_path, "freshdesk", flow=FLOW, queue=redis_server.url) as run:
        redis_server.stop()
        try:
            with process(tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)) as worker:
                ticket = outage(run)
                wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
                wait_for("the end of its work", lambda: is_quiet(run))
                worker.send_signal(signal.SIGTERM)
                code = worker.wait(20)
        finally:
            redis_server.start()

    assert code == 0
    assert_written_once(run, ticket)
