"""F51: SIGTERM during a job, twice, and after a job was taken from the queue and before it began. The job is finished, or its
lease runs out and another worker takes the ticket: nothing is left lying longer than a lease."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from redis import Redis

from bot.queue.redis_wakeup import QUEUE_NAME
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store.database import schema
from bot.store.database.engine import reading
from tests.faults.common import assert_written_once, each_helpdesk, outage, writes_sent
from tests.harness.deskhand import Running, deskhand
from tests.harness.nursery import Nursery, wait
from tests.harness.processes import has_no_work, nursed_child, wait_for

SLOW_S = 1.5
FLOW = {"settle_s": 0.5}


def slow_write(run: Running) -> None:
    """The next write of a ticket takes its time, and is applied."""
    for method in ("PUT", "POST"):
        run.desk.faults.order("drip_body", method=method, path="/conversations/|/tickets/", seconds=SLOW_S)


def leases(run: Running) -> list[str]:
    with reading(run.parts.engine) as connection:
        found = connection.execute(schema.tickets.select().with_only_columns(schema.tickets.c.lease_owner)).scalars()
        return [each for each in found if each]


@each_helpdesk
def test_F51_an_embedded_worker_ends_its_run_and_gives_the_lease_back(tmp_path: Path, provider: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        slow_write(run)

        with nursed_child(nursed, tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)) as child:
            wait_for("a write", lambda: bool(writes_sent(run, ticket)))
            child.signal(signal.SIGTERM)
            child.signal(signal.SIGTERM)
            code = wait(child)

        assert code == 0
        assert leases(run) == []
        run.settle(60)
        assert_written_once(run, ticket)


def test_F51_an_rq_worker_that_is_hurried_leaves_the_ticket_to_the_next(tmp_path: Path, redis_url: str, nursed: Nursery) -> None:
    """The second SIGTERM kills the job's process in the middle of its write."""
    with deskhand(tmp_path, "freshdesk", queue=redis_url, flow={**FLOW, "sweep_every_s": 0.3}) as run:
        ticket = outage(run)
        run.desk.faults.order("hang", method="PUT", seconds=30.0, commit=True)

        with nursed_child(nursed, tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)) as child:
            wait_for("a write", lambda: bool(writes_sent(run, ticket)))
            child.signal(signal.SIGTERM)
            time.sleep(1.2)  # RQ takes two signals within a second for one
            child.signal(signal.SIGTERM)
            wait(child)
        assert not has_no_work(run)
        run.end_leases()

        with nursed_child(nursed, tmp_path, "worker", "--config", str(run.config.path)):
            wait_for("the end of its work", lambda: has_no_work(run))
        assert_written_once(run, ticket)


def test_F51_a_job_that_was_taken_and_never_begun_is_rung_for_again(tmp_path: Path, redis_url: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, "freshdesk", queue=redis_url, flow=FLOW) as run:
        ticket, redis = outage(run), Redis.from_url(redis_url)
        wait_for("the bell", lambda: redis.llen(f"rq:queue:{QUEUE_NAME}") > 0)
        while redis.lpop(f"rq:queue:{QUEUE_NAME}"):  # what a worker does first, and then it is gone
            pass
        parts = TickerParts(config=run.config, engine=run.parts.engine, bell=run.parts.bell, clock=run.parts.clock, owner="t")

        assert Ticker(parts).sweep() == 1
        assert redis.llen(f"rq:queue:{QUEUE_NAME}") == 1
        with nursed_child(nursed, tmp_path, "worker", "--no-ticker", "--config", str(run.config.path)):
            wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
            wait_for("the end of its run", lambda: not leases(run))

        assert_written_once(run, ticket)
