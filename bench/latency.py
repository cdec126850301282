"""P15: from an event in the helpdesk to our first write there, on an idle Deskhand, beside RQ's own enqueue-to-run time."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from bench.desks import DOWN, PERSON, Stocked, started, stocked
from bench.goals import Goal, Outcome, Size, both
from bench.jobs import now_s
from bench.measure import quantile
from bench.servers import ROOT
from tests.harness.servers import OwnRedis, redis_server

QUEUE = "bench"
EVERY_S = 0.4
SLACK_MS = 50.0
SWEEP_S = 5.0
AFTER_SWEEP_S = 2.0


def latency(size: Size) -> Outcome:
    """P15. Freshdesk's stand-in: Zendesk's whole-second stamps make every run wait up to a second for the vendor's sake."""
    count = size.of(60, 20)
    with redis_server() as redis:
        plain = quantile(_plain_rq_ms(redis, count), 0.95)
        with stocked("freshdesk", queue=redis.url) as stock, _working(stock):
            ours = quantile([_first_write_ms(stock, number) for number in range(count)], 0.95)
            redis.stop()
            alone_s = max(_first_write_ms(stock, count + number, patience_s=60.0) for number in range(size.of(5, 2))) / 1000
    with stocked("freshdesk") as stock, _working(stock):
        embedded = quantile([_first_write_ms(stock, number) for number in range(count)], 0.95)
    limit = 1.3 * plain + SLACK_MS
    notes = (
        f"p95 of {count}: RQ alone {plain:.0f} ms, so the goal is 1.3 x that + {SLACK_MS:.0f} ms = {limit:.0f} ms",
        f"ours through RQ {ours:.0f} ms, through the embedded queue {embedded:.0f} ms",
        f"Redis stopped: {alone_s:.1f} s at most, the sweep comes every {SWEEP_S:.0f} s",
    )
    return both(
        Outcome(figure=f"{ours:.0f}ms", goal=f"<={limit:.0f}ms", is_met=ours <= limit, notes=notes),
        Outcome(figure=f"{alone_s:.1f}s", goal=f"<={SWEEP_S + AFTER_SWEEP_S:.0f}s", is_met=alone_s <= SWEEP_S + AFTER_SWEEP_S),
    )


def _plain_rq_ms(redis: OwnRedis, count: int) -> list[float]:
    """Milliseconds from an enqueue to the run of a job that does nothing, in an ordinary worker that forks."""
    connection = Redis.from_url(redis.url)
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    command = [sys.executable, "-m", "rq.cli", "worker", QUEUE, "--url", redis.url, "--serializer", "json", "--quiet"]
    worker = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        waits = [_one_job_ms(queue) for _ in range(count + 1)]
    finally:
        worker.terminate()
        worker.wait(20)
    return waits[1:]  # the first waited for the worker's start


def _one_job_ms(queue: Queue) -> float:
    time.sleep(EVERY_S)
    begun = time.time()
    job = queue.enqueue(now_s)
    ends_at = time.monotonic() + 60
    while (ran_at := job.return_value(refresh=True)) is None:
        if time.monotonic() > ends_at:
            raise TimeoutError("RQ's worker ran nothing")
        time.sleep(0.005)
    return float((ran_at - begun) * 1000)


@contextmanager
def _working(stock: Stocked) -> Iterator[None]:
    """One worker and the ticker, both warm."""
    with started(stock.config, ["worker --no-ticker", "worker --ticker"]):
        _first_write_ms(stock, -1, patience_s=60.0)
        _first_write_ms(stock, -2, patience_s=60.0)
        yield


def _first_write_ms(stock: Stocked, number: int, patience_s: float = 20.0) -> float:
    """Milliseconds from a ticket's creation to the first write of ours that the helpdesk applied."""
    time.sleep(EVERY_S)
    written = threading.Event()
    at: list[float] = []

    def see(method: str, path: str, status: int) -> None:
        if method in ("PUT", "POST") and not at:
            at.append(time.monotonic())
            written.set()

    stock.desk.faults.after_call(see)
    begun = time.monotonic()
    stock.desk.create_ticket(requester=PERSON, subject=DOWN, body=f"Nothing works. ({number})")
    if not written.wait(patience_s):
        raise TimeoutError("nothing was written to the ticket")
    with suppress(TimeoutError):
        stock.wait_until_done(patience_s)
    return (at[0] - begun) * 1000


GOALS = (Goal(name="P15", title="from an event to our first write, idle; and with Redis down", measure=latency),)
