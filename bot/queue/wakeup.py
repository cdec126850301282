"""The door bell: telling workers that a ticket has news. Never the truth: a bell that is not heard is rung again.

`embedded`: a datagram to every worker's socket beside the database. `redis://…`: a job on an RQ queue, whose argument is the
ticket key. Both end in the same function (`worker.run`); leases in the database make it correct, not the queue.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Collection
from pathlib import Path
from typing import Protocol, runtime_checkable

from adapters.ticket import TicketKey
from bot.config import Config
from bot.log import get_logger
from bot.process.ids import new_id

log = get_logger("wake")


class Wakeup(Protocol):
    def ring(self, key: TicketKey) -> bool:
        """Wake somebody for this ticket. Quick, and never raises; False where nobody may have heard."""


@runtime_checkable
class ManyBell(Protocol):
    def ring_all(self, keys: Collection[TicketKey]) -> bool:
        """Wake somebody for each of these tickets at the price of one."""


@runtime_checkable
class QueueBell(Protocol):
    def unanswered(self) -> int:
        """How many rings wait for somebody to come."""


def ring_all(bell: Wakeup, keys: Collection[TicketKey]) -> None:
    """Wake somebody for each of these tickets, where the bell can at the price of one."""
    if isinstance(bell, ManyBell):
        bell.ring_all(keys)
    else:
        for key in keys:
            bell.ring(key)


def unanswered(bell: Wakeup) -> int:
    """How many rings wait for somebody to come. A worker that hears a socket looks at all that waits: none."""
    return bell.unanswered() if isinstance(bell, QueueBell) else 0


class SocketBell:
    """Rings every worker of this machine over its datagram socket in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ring(self, key: TicketKey) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            heard = [_rings(sender, path, key) for path in self._ears()]  # every worker, not the first that hears
        return any(heard)

    def ring_all(self, keys: Collection[TicketKey]) -> bool:
        """A worker that is woken looks at all that waits: one ring is enough."""
        return any(self.ring(key) for key in list(keys)[:1])

    def _ears(self) -> list[str]:
        try:
            with os.scandir(self._folder) as found:
                return [each.path for each in found if each.name.endswith(".sock")]
        except OSError:
            return []


def _rings(sender: socket.socket, path: str, key: TicketKey) -> bool:
    try:
        sender.sendto(str(key).encode(), path)
    except BlockingIOError:
        return True  # the worker has unread rings: it will look at the database anyway
    except OSError:
        with contextlib.suppress(OSError):
            Path(path).unlink()  # its worker is gone
        return False
    return True


class WakeupListener:
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


def folder_of(config: Config) -> Path:
    """Where workers' sockets are."""
    return config.data_dir / "wake"


def bell_for(config: Config) -> Wakeup:
    """The bell that the configuration names."""
    queue = config.settings.queue
    if queue == "embedded":
        return SocketBell(folder_of(config))
    from bot.queue.redis_wakeup import RedisBell

    return RedisBell(queue)
