"""F58: somebody writes a job of their own into Redis. Nothing of it is run: no other function, no pickle, no callback."""

from __future__ import annotations

import os
import pickle
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Callback, Queue
from rq.serializers import JSONSerializer

from adapters.ticket import TicketKey, TicketKind
from bot.process.ids import new_id
from bot.queue.redis_wakeup import JOB, QUEUE_NAME
from bot.queue.rq_job import JobRefused, TicketJob
from tests.faults.common import assert_written_once, outage
from tests.faults.forged_job import Pickled
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.processes import nursed_child, wait_for

KEY = str(TicketKey("freshdesk", TicketKind.TICKET, "77"))
STRIKE = "tests.faults.forged_job.strike"


def forge(redis: Redis, harm: Path) -> int:
    """One job of each kind, all before ours; how many."""
    queue = Queue(QUEUE_NAME, connection=redis, serializer=JSONSerializer)
    after = Callback(STRIKE)
    queue.enqueue_call(STRIKE, args=(KEY,))
    queue.enqueue_call("os.system", args=(f"touch {harm}",))
    queue.enqueue_call(JOB, args=(KEY, "more"))
    queue.enqueue_call(JOB, args=("no ticket key",), on_failure=after)
    queue.enqueue_call(JOB, args=(KEY,), on_success=after, on_failure=after, on_stopped=after)
    _put(redis, "pickled", {"data": pickle.dumps((JOB, None, (Pickled(),), {}))})
    _put(redis, "no-data", {"status": "queued"})
    _put(redis, "bomb", {"data": zlib.compress(b'["' + b"a" * 50_000_000 + b'"]')})
    _put(redis, "an id with spaces", {"data": b"[]"})
    return 9


def _put(redis: Redis, id: str, fields: Mapping[Any, Any]) -> None:
    redis.hset(f"rq:job:{id}", mapping={**fields, "created_at": "2026-11-21T12:00:00.000000Z", "origin": QUEUE_NAME})
    redis.rpush(f"rq:queue:{QUEUE_NAME}", id)


def test_F58_a_worker_refuses_what_is_not_ours_and_does_what_is(tmp_path: Path, redis_url: str, nursed: Nursery) -> None:
    harm = tmp_path / "harm"
    with deskhand(tmp_path, "freshdesk", queue=redis_url) as run:
        count = forge(Redis.from_url(redis_url), harm)
        ticket = outage(run)

        arguments = ("--no-ticker", "--config", str(run.config.path))
        with nursed_child(nursed, tmp_path, "worker", *arguments, HARM=str(harm)):
            wait_for("the note", lambda: bool(run.view(ticket).bot_notes))
            # What our own writes bring may ring while the ticket rests, and no ticker is there to ring again: the run is enough.
            wait_for("its whole run", lambda: any(row["state"] == "done" for row in run.newest_runs(ticket)))

        assert not harm.exists()
        assert_written_once(run, ticket)
        log = (tmp_path / "worker.log").read_text(encoding="utf-8")
        assert log.count("job.refused") == count - 1  # the one with callbacks is a ticket's, and loses them
        assert "Traceback" not in log


@pytest.fixture
def harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HARM", str(tmp_path / "harm"))
    return Path(os.environ["HARM"])


def test_F58_the_forged_jobs_would_have_struck(redis_url: str, harm: Path) -> None:
    """Proof that the harm above is real: RQ's own job class loads what ours refuses."""
    redis = Redis.from_url(redis_url)
    _put(redis, "pickled", {"data": pickle.dumps((JOB, None, (Pickled(),), {}))})

    with pytest.raises(JobRefused):
        TicketJob.fetch("pickled", connection=redis, serializer=JSONSerializer)
    assert not harm.exists()

    assert Queue(QUEUE_NAME, connection=redis).fetch_job("pickled").args  # type: ignore[union-attr]  # it is there
    assert harm.exists()


def test_F58_nothing_but_the_ticket_is_taken_from_a_job(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    queue = Queue(QUEUE_NAME, connection=redis, serializer=JSONSerializer)
    after = Callback(STRIKE)
    id = queue.enqueue_call(
        JOB, args=(KEY,), job_id=new_id(), timeout=86_400, on_success=after, on_failure=after, meta={"a": 1}
    ).id
    redis.hset(f"rq:job:{id}", "webhooks", '[{"url": "http://198.51.100.1/"}]')

    job = TicketJob.fetch(id, connection=redis, serializer=JSONSerializer)

    assert (job.func_name, tuple(job.args), job.kwargs, job.timeout) == (JOB, (KEY,), {}, 120)
    assert (job._success_callback_name, job._failure_callback_name, job.webhooks, job.meta) == (None, None, [], {})
