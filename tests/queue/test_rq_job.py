"""A job is `worker.run` with one ticket key, or it is refused; nothing else of it is kept."""

from __future__ import annotations

import json
import pickle
import zlib
from typing import Any

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from adapters.ticket import TicketKey, TicketKind
from bot.queue.redis_wakeup import JOB
from bot.queue.rq_job import MAX_BYTES, TIMEOUT_S, JobRefused, TicketJob

KEY = str(TicketKey("acme", TicketKind.TICKET, "42"))


def restored(data: bytes, **more: Any) -> TicketJob:
    """A job out of what Redis has under its id. Nothing is asked of Redis."""
    job = TicketJob("job-1", connection=Redis(), serializer=JSONSerializer)
    job.restore({b"data": data, b"created_at": b"2026-11-21T12:00:00.000000Z", **{k.encode(): v for k, v in more.items()}})
    return job


def packed(*call: Any) -> bytes:
    return zlib.compress(json.dumps(call).encode())


def test_a_job_of_ours_keeps_its_ticket() -> None:
    job = restored(packed(JOB, None, [KEY], {}), origin=b"deskhand")

    assert (job.func_name, list(job.args), job.kwargs, job.origin) == (JOB, [KEY], {}, "deskhand")


def test_what_a_job_wants_beside_its_ticket_is_left_out() -> None:
    wants = {"timeout": b"86400", "success_callback_name": b"os.system", "meta": b'{"a": 1}', "retries_left": b"9"}

    job = restored(packed(JOB, None, [KEY], {}), **wants)

    assert (job.timeout, job._success_callback_name, job.meta, job.retries_left) == (TIMEOUT_S, None, {}, None)


@pytest.mark.parametrize(
    "call",
    [
        ("os.system", None, ["true"], {}),
        (JOB, {"an": "instance"}, [KEY], {}),
        (JOB, None, [KEY], {"more": 1}),
        (JOB, None, [KEY, KEY], {}),
        (JOB, None, [], {}),
        (JOB, None, [42], {}),
        (JOB, None, KEY, {}),
        (JOB, None, ["no ticket key"], {}),
    ],
)
def test_any_other_call_is_refused(call: tuple[Any, ...]) -> None:
    with pytest.raises(JobRefused):
        restored(packed(*call))


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"\xff\xfe", pickle.dumps((JOB, None, (KEY,), {})), packed(JOB, None, [KEY], {})[:-20]],
    ids=["none", "another shape", "no text", "pickled", "torn"],
)
def test_what_cannot_be_read_is_refused(data: bytes) -> None:
    with pytest.raises(JobRefused):
        restored(data)


def test_few_bytes_do_not_become_many() -> None:
    key = f"acme/ticket/{'4' * MAX_BYTES}"

    with pytest.raises(JobRefused):
        restored(packed(JOB, None, [key], {}))


def test_an_id_that_rq_would_stumble_over_is_refused() -> None:
    with pytest.raises(JobRefused):
        TicketJob.fetch("an id with spaces", connection=Redis(), serializer=JSONSerializer)
