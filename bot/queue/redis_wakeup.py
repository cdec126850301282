"""The bell that is a job on an RQ queue. A module of its own: a receiver with the embedded queue loads no Redis client."""

from __future__ import annotations

import time
from collections.abc import Collection

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from adapters.ticket import TicketKey
from bot.log import get_logger
from bot.process.ids import new_id

log = get_logger("wake")
QUEUE_NAME = "deskhand"
JOB = "worker.run"
WAIT_S = 0.2  # for an answer: the sweep rings again, and nobody waits longer for a Redis that is away
CLOSED_S = 2.0


class RedisBell:
    """Puts a job on the RQ queue. Short timeouts and a breaker of a few seconds, so that a dead Redis costs nobody time."""

    def __init__(self, url: str, wait_s: float = WAIT_S) -> None:
        redis = Redis.from_url(url, socket_timeout=wait_s, socket_connect_timeout=wait_s, retry=Retry(NoBackoff(), 0))
        self._queue = Queue(QUEUE_NAME, connection=redis, serializer=JSONSerializer)
        self._closed_until = 0.0

    def ring(self, key: TicketKey) -> bool:
        return self.ring_all([key])

    def ring_all(self, keys: Collection[TicketKey]) -> bool:
        """In one round trip, so in one time-out where nobody answers."""
        if time.monotonic() < self._closed_until:
            return False
        try:
            with self._queue.connection.pipeline() as pipe:
                for key in keys:
                    job, words = new_id(), (str(key),)
                    self._queue.enqueue_call(
                        JOB, args=words, job_id=job, timeout=120, result_ttl=0, failure_ttl=3600, pipeline=pipe
                    )
                pipe.execute()
        except RedisError as error:
            self._closed_until = time.monotonic() + CLOSED_S
            log.warning("bell.unheard", why=type(error).__name__)
            return False
        return True

    def unanswered(self) -> int:
        """Jobs on the queue; 0 where Redis does not say."""
        try:
            return int(self._queue.connection.llen(self._queue.key))
        except RedisError:
            return 0
