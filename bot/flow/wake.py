"""The door bell: telling workers that a ticket has news. Never the truth: a bell that is not heard is rung again.

`embedded`: a datagram to every worker's socket beside the database. `redis://…`: a job on an RQ queue, whose argument is the
ticket key. Both end in the same function (`worker.run`); leases in the database make it correct, not the queue.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from adapters.ticket import TicketKey
from bot.config import Config
from bot.ids import new_id
from bot.log import get_logger

log = get_logger("wake")
QUEUE_NAME = "deskhand"
JOB = "worker.run"


class Bell(Protocol):
    def ring(self, key: TicketKey) -> bool:
        """Wake somebody for this ticket. Quick, and never raises; False where nobody may have heard."""


class SocketBell:
    """Rings every worker of this machine over its datagram socket in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ring(self, key: TicketKey) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            heard = [_rings(sender, path, key) for path in self._folder.glob("*.sock")]  # every worker, not the first that hears
        return any(heard)


def _rings(sender: socket.socket, path: Path, key: TicketKey) -> bool:
    try:
        sender.sendto(str(key).encode(), str(path))
    except BlockingIOError:
        return True  # the worker has unread rings: it will look at the database anyway
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()  # its worker is gone
        return False
    return True


class Ear:
    """A worker's end of the bell: `wait` returns when somebody rings, or after a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # A socket's path has at most 108 bytes: a short name beside the database.
        self._path = folder / f"{os.getpid()}-{new_id()[-4:]}.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self._path))

    def wait(self, seconds: float) -> None:
        """Return at once when a ring waits; all waiting rings are taken off together."""
        self._socket.settimeout(max(seconds, 0.01))
        try:
            self._socket.recv(512)
            self._socket.setblocking(False)
            while True:
                self._socket.recv(512)
        except OSError:
            return

    def close(self) -> None:
        self._socket.close()
        self._path.unlink(missing_ok=True)


class RedisBell:
    """Puts a job on the RQ queue. Short timeouts and a breaker of a few seconds, so that a dead Redis costs nobody time."""

    def __init__(self, url: str) -> None:
        redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0))
        self._queue = Queue(QUEUE_NAME, connection=redis, serializer=JSONSerializer)
        self._closed_until = 0.0

    def ring(self, key: TicketKey) -> bool:
        if time.monotonic() < self._closed_until:
            return False
        try:
            self._queue.enqueue_call(JOB, args=(str(key),), job_id=new_id(), timeout=120, result_ttl=0, failure_ttl=3600)
        except RedisError as error:
            self._closed_until = time.monotonic() + 2.0
            log.warning("bell.unheard", why=type(error).__name__)
            return False
        return True


def folder_of(config: Config) -> Path:
    """Where workers' sockets are."""
    return config.data_dir / "wake"


def bell_for(config: Config) -> Bell:
    """The bell that the configuration names."""
    queue = config.settings.queue
    return SocketBell(folder_of(config)) if queue == "embedded" else RedisBell(queue)
