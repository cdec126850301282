"""What a worker takes from Redis: nothing but "look at this ticket".

An RQ job names a function to import and call, functions to call afterwards, and addresses to post to. Whoever can write into
Redis could have anything run that way, so none of it is obeyed: a job is `worker.run` with one ticket key, or it is refused.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job

from adapters.ticket import TicketKey
from bot.log import get_logger
from bot.queue.redis_wakeup import JOB

log = get_logger("jobs")
TIMEOUT_S = 120
MAX_BYTES = 4096  # a function's name and a ticket key
# When and where, as RQ keeps it. Not among them: callbacks, webhooks, repeats, retries, dependencies, meta, results.
_TIMES = {"created_at", "enqueued_at", "started_at", "ended_at", "last_heartbeat", "result_ttl", "failure_ttl"}
_KEPT = frozenset({"data", "origin", "worker_name", "status", *_TIMES})


class JobRefused(NoSuchJobError):
    """Not one of ours. RQ passes over jobs that do not exist, and so over this one."""


class TicketJob(Job):
    """`rq worker deskhand --serializer json --job-class bot.queue.rq_job.TicketJob` is as careful as `deskhand work`."""

    @classmethod
    def fetch(cls, id: str, *arguments: Any, **named: Any) -> Job:
        """The job of this id. Raises JobRefused, also for an id that RQ itself would stumble over."""
        try:
            return super().fetch(id, *arguments, **named)
        except ValueError as error:
            log.error("job.refused", why="its id is none of RQ's")
            raise JobRefused(str(error)) from None

    def restore(self, raw_data: Mapping[Any, Any]) -> Any:
        """What Redis has under the job's id. Raises JobRefused."""
        named = {(name.decode("utf-8", "replace") if isinstance(name, bytes) else name): raw_data[name] for name in raw_data}
        kept = {name: value for name, value in named.items() if name in _KEPT}
        kept["data"] = _unpacked(kept.get("data", b""))
        try:
            super().restore({name.encode(): value for name, value in kept.items()})
            self._deserialize_data()  # type: ignore[no-untyped-call]
            _require_ours(self._func_name, self._instance, self._args, self._kwargs)
        except (DeserializationError, JobRefused, ValueError) as error:
            log.error("job.refused", why=str(error) if isinstance(error, JobRefused) else "it cannot be read")
            raise JobRefused(str(error)) from None
        self.timeout = TIMEOUT_S


def _unpacked(data: bytes) -> bytes:
    """RQ compresses; a few bytes may not become many."""
    try:
        return zlib.decompressobj().decompress(data, MAX_BYTES)
    except zlib.error:
        return data[:MAX_BYTES]


def _require_ours(function: Any, instance: Any, args: Any, kwargs: Any) -> None:
    if function != JOB or instance is not None or kwargs:
        raise JobRefused(f"it wants another function than {JOB}")
    if not (isinstance(args, list | tuple) and len(args) == 1 and isinstance(args[0], str)):
        raise JobRefused(f"{JOB} takes one ticket key")
    TicketKey.parse(args[0])
