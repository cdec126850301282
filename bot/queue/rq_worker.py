"""RQ's worker as Deskhand runs it: it ends when it is asked at whatever moment, and notices a Redis that went away.

RQ itself waits for an absent Redis, longer each time; ours leaves its loop, so that its caller can work without one.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer

from bot.log import get_logger
from bot.process.parent_death import tied
from bot.queue.redis_wakeup import QUEUE_NAME
from bot.queue.rq_job import TicketJob
from bot.shared.heartbeat import Pulse

log = get_logger("worker")
AWAY_S = 2.0  # how often a Redis that was away is looked for
WORKER_TTL_S = 75  # RQ's worker wakes up a quarter of a minute before: often enough for a sign of life
ASK_AGAIN_S = 5  # an idle worker looks so often whether it was asked to end
MAINTENANCE_S = 30  # often enough to find dead workers' jobs


def work_while_redis_answers(url: str, pulse: Pulse, ended: threading.Event, before_job: Callable[[], None]) -> None:
    """Work off the jobs of our queue until Redis is away, or until a signal, which sets `ended` for good. `before_job` is called
    in the process that forks; it must leave no connection open."""
    redis = Redis.from_url(url)
    _Queue.ended = ended
    queue = _Queue(QUEUE_NAME, connection=redis, serializer=JSONSerializer)
    try:
        worker = _Worker(
            [queue],
            connection=redis,
            serializer=JSONSerializer,
            queue_class=_Queue,
            job_class=TicketJob,
            maintenance_interval=MAINTENANCE_S,
            worker_ttl=WORKER_TTL_S,
        )
        worker.pulse, worker.ended, worker.before_job = pulse, ended, before_job
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("queue.broken", why=type(error).__name__)
    except StopRequested:  # a signal outside RQ's loop, where nobody else catches it
        log.debug("queue.left")
    finally:
        pulse.end()
        redis.close()


class RedisAnswers(threading.Event):
    """Set when Redis answers again, or when a signal has `ended` the work; looked at between two tickets."""

    def __init__(self, url: str, ended: threading.Event) -> None:
        super().__init__()
        self._ended = ended
        self._redis = Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5, retry=Retry(NoBackoff(), 0))
        self._look_at = time.monotonic() + AWAY_S

    def is_set(self) -> bool:
        if self._ended.is_set():
            return True
        if time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + AWAY_S
        with suppress(RedisError):
            return bool(self._redis.ping())
        return False


class _Away(StopRequested):
    """Ends RQ's loop, which would else wait for Redis by itself, longer each time."""


class _Queue(Queue):
    ended: threading.Event | None = None

    @classmethod
    def dequeue_any(cls, *arguments: Any, **named: Any) -> Any:
        """A signal ends RQ's wait by an exception. One raised while Python clears up is swallowed there, so `ended` is asked."""
        if cls.ended is not None and cls.ended.is_set():
            raise StopRequested
        try:
            return super().dequeue_any(*arguments, **named)
        except RedisConnectionError as error:
            raise _Away from error


class _Worker(Worker):
    """RQ's worker, which also gives our sign of life whenever it gives RQ's. Not from a thread: it forks for each job."""

    pulse: Pulse
    ended: threading.Event
    before_job: Callable[[], None]
    dequeue_timeout = ASK_AGAIN_S
    _tie: Callable[[], None]

    def _install_signal_handlers(self) -> None:
        """RQ registers before it listens to signals: what came in between stands in `ended`, set by our own handlers."""
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        if self.ended.is_set():
            self._stop_requested = True

    def request_stop(self, signum: int, frame: Any) -> None:
        """RQ itself remembers the signal only while a job runs: an idle worker just leaves its loop, as it does without Redis."""
        self.ended.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        try:
            super().heartbeat(timeout, pipeline)
        except RedisConnectionError as error:
            raise _Away from error
        if os.getpid() == self.pid:  # a job's child inherits no connection of ours and makes none here
            self.pulse.beat()
            self.pulse.let_go()

    def execute_job(self, job: Job, queue: Queue) -> None:
        self._tie = tied()
        self.before_job()
        super().execute_job(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the job's child: it ends with us, and the lease brings its ticket to another worker."""
        self._tie()
        super().main_work_horse(job, queue)
