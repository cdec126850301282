"""A cheap client: requests that were made before, over kept-alive sockets, all from one thread.

Closed loop: each connection sends its next request when the last is answered. Open loop: requests start at fixed times,
whatever the answers do, and their wait is counted from when they were due.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PATIENCE_S = 30.0


@dataclass(slots=True)
class Load:
    """`took_s`: from the first request to the last answer. `waits_ms`: per request."""

    took_s: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    waits_ms: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits_ms) / self.took_s

    def require(self, status: int) -> Load:
        """Itself. Raises ValueError where another answer came: a figure of failures says nothing."""
        if set(self.statuses) != {status}:
            raise ValueError(f"wanted {status} alone, got {dict(self.statuses)}")
        return self


class _Line:
    """One connection: what is on its way, and since when."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.since = 0.0
        self._answer = b""

    def send(self, request: bytes, since: float) -> None:
        self.since = since
        self.socket.sendall(request)

    def read(self) -> int:
        """The status when the answer is whole, else 0. Raises ConnectionError when the server hung up."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self._answer += piece
        head, found, body = self._answer.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return 0
        status = int(self._answer[9:12])
        self._answer = b""
        return status


def _length(head: bytes) -> int:
    place = head.lower().find(b"content-length:")
    return int(head[place + 15 :].partition(b"\r\n")[0]) if place >= 0 else 0


def closed_loop(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """All requests over `connections` connections, each sending its next one when the last is answered."""
    waiting = deque(requests)
    with _lines(port, min(connections, len(requests))) as (poller, lines):
        load, started = Load(), time.perf_counter()
        for line in lines.values():
            line.send(waiting.popleft(), time.perf_counter())
        while len(load.waits_ms) < len(requests):
            for number in _ready(poller):
                if status := lines[number].read():
                    _count(load, lines[number], status)
                    if waiting:
                        lines[number].send(waiting.popleft(), time.perf_counter())
        load.took_s = time.perf_counter() - started
    return load


def open_loop(port: int, requests: Sequence[bytes], rate: float, connections: int = 64) -> Load:
    """A request every 1 / `rate` seconds, answered or not; one that finds no free connection waits, and its wait counts."""
    due = deque((number / rate, request) for number, request in enumerate(requests))
    with _lines(port, connections) as (poller, lines):
        load, started, free = Load(), time.perf_counter(), list(lines.values())
        while len(load.waits_ms) < len(requests):
            now = time.perf_counter() - started
            while due and free and due[0][0] <= now:
                at, request = due.popleft()
                free.pop().send(request, started + at)
            pause_s = max(0.0, due[0][0] - now) if due and free else PATIENCE_S
            for number in _ready(poller, pause_s if due else PATIENCE_S, may_be_none=bool(due)):
                if lines[number] in free:  # nothing is asked of it: the server hangs up on those that rest for long
                    free.remove(lines[number])
                    poller.unregister(number)
                elif status := lines[number].read():
                    _count(load, lines[number], status)
                    free.append(lines[number])
        load.took_s = time.perf_counter() - started
    return load


def _count(load: Load, line: _Line, status: int) -> None:
    load.statuses[status] += 1
    load.waits_ms.append((time.perf_counter() - line.since) * 1000)


def _ready(poller: select.epoll, timeout_s: float = PATIENCE_S, may_be_none: bool = False) -> list[int]:
    found = poller.poll(timeout_s)
    if not found and not may_be_none:
        raise TimeoutError(f"no answer within {timeout_s:.0f} s")
    return [number for number, _ in found]


@contextmanager
def _lines(port: int, connections: int) -> Iterator[tuple[select.epoll, dict[int, _Line]]]:
    """Open connections by file number, and what watches them; no garbage collection meanwhile."""
    lines = {line.socket.fileno(): line for line in (_Line(port) for _ in range(connections))}
    poller = select.epoll()
    for number in lines:
        poller.register(number, select.EPOLLIN)
    gc.disable()
    try:
        yield poller, lines
    finally:
        gc.enable()
        poller.close()
        for line in lines.values():
            with suppress(OSError):
                line.socket.close()
