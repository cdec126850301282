"""The listener's loop: whose trouble ends what, and who gives way. Real sockets, no server."""

from __future__ import annotations

import errno
import os
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from gunicorn.config import Config

from bot.server import gunicorn_worker
from bot.server.connection import Connection
from bot.server.gunicorn_worker import Listener

HEAD = b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def loop() -> Iterator[Listener]:
    """A listener whose loop the test turns itself."""
    made = Listener(0, os.getpid(), [], None, 30, Config(), _Log())
    made.poller, made.alive = selectors.DefaultSelector(), True
    made.method_queue.init()
    yield made
    while CALLERS:
        caller = CALLERS.pop()
        made._drop(caller.connection)
        caller.socket.close()
    made.poller.close()
    made.method_queue.close()
    made.tmp.close()


class _Log:
    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


CALLERS: list[Caller] = []  # of the test that runs


class Caller:
    """One end of a connection whose other end the listener has."""

    def __init__(self, loop: Listener, said: bytes = b"") -> None:
        theirs, self.socket = socket.socketpair()
        self.socket.settimeout(5)
        self.socket.sendall(said)
        CALLERS.append(self)
        self.connection = Connection(loop.cfg, theirs, ("", 0), ("", 0))
        loop.nr_conns += 1
        loop._safely(self.connection, loop._begin)

    def heard(self) -> bytes:
        with suppress(ConnectionError, TimeoutError):
            return self.socket.recv(1000)
        return b""


def test_an_event_of_what_an_earlier_one_of_the_batch_closed_is_ignored(loop: Listener) -> None:
    first, second = Caller(loop, b"P"), Caller(loop, b"P")
    for each in (first, second):
        each.socket.sendall(b"OST")
    first.connection.on_readable = lambda _: loop._drop(second.connection)
    second.connection.on_readable = lambda _: loop._drop(first.connection)  # whichever is first closes the other

    loop.wait_for_and_dispatch_events(5)

    assert [first.connection.is_closed, second.connection.is_closed].count(True) == 1
    assert loop.nr_conns == 1


def test_lingering_connections_that_give_way_in_the_midst_of_a_batch_do_no_harm(
    loop: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the end of the process: the oldest was closed for the newest, and then asked for what it had sent."""
    monkeypatch.setattr(gunicorn_worker, "MOST_LINGERING", 2)
    late = [Caller(loop, HEAD) for _ in range(2)]
    early = [Caller(loop, HEAD + b"zz\r\n") for _ in range(2)]
    for each in late:
        each.socket.sendall(b"zz\r\n")
    for each in early:
        each.socket.sendall(b"x")

    loop.wait_for_and_dispatch_events(5)

    assert loop.nr_conns == 2
    assert [each.heard()[:12] for each in (*late, *early)] == [b"HTTP/1.1 400"] * 4


def test_one_connections_trouble_costs_that_one_alone(loop: Listener) -> None:
    bad, good = Caller(loop, b"P"), Caller(loop, b"P")
    seen: list[Connection] = []

    def broken(_: Connection) -> None:
        raise RuntimeError("whatever it is")

    bad.connection.on_readable, good.connection.on_readable = broken, seen.append
    for each in (bad, good):
        each.socket.sendall(b"OST")
    loop.wait_for_and_dispatch_events(5)

    assert (bad.connection.is_closed, seen) == (True, [good.connection])


def test_an_event_that_belongs_to_no_connection_ends_the_loop_neither(loop: Listener) -> None:
    ours, theirs = socket.socketpair()

    def broken(_: Any) -> None:
        raise KeyError("whatever it is")

    loop.poller.register(ours, selectors.EVENT_READ, broken)
    theirs.sendall(b"x")

    loop.wait_for_and_dispatch_events(5)

    loop.poller.unregister(ours)
    for each in (ours, theirs):
        each.close()


def resting(loop: Listener, is_proven: bool = False) -> Caller:
    caller = Caller(loop)
    loop._forget(caller.connection)
    loop._go_on(caller.connection)
    caller.connection.is_proven = is_proven
    return caller


def test_who_needs_a_place_least_gives_way_first(loop: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    callers = {
        "rests, brought deliveries": resting(loop, is_proven=True),
        "half a request": Caller(loop, b"POST /webhooks/zen"),
        "nothing yet": Caller(loop),
        "rests": resting(loop),
        "rests, came later": resting(loop),
    }
    monkeypatch.setattr(gunicorn_worker, "MOST_CONNECTIONS", len(callers))
    order = []
    for _ in callers:
        busy = Caller(loop)
        loop._forget(busy.connection)  # with a thread
        loop._end_those(loop._lingering, time.monotonic() + 60, loop._drop)
        order += [name for name, each in callers.items() if name not in order and each.connection.on_readable is None]

    assert order == ["rests", "rests, came later", "half a request", "nothing yet", "rests, brought deliveries"]
    for name in ("half a request", "nothing yet"):  # its request may be on its way
        answer = callers[name].heard()
        assert answer.startswith(b"HTTP/1.1 503 ")  # Zendesk repeats no 408
        assert b"\r\nRetry-After: 15\r\n" in answer
    assert callers["rests"].heard() == b""


def test_no_more_files_make_room_as_well(loop: Listener) -> None:
    class Full:
        def accept(self) -> None:
            raise OSError(errno.EMFILE, "Too many open files")

    idle = resting(loop)

    loop.accept(Full())  # type: ignore[arg-type]

    assert idle.connection.is_closed


def test_who_is_too_slow_is_looked_for_among_the_oldest_only(loop: Listener) -> None:
    old, new = Caller(loop, b"POST"), Caller(loop, b"POST")
    old.connection.ends_at = time.monotonic() - 1

    loop.murder_pending()

    assert old.heard().startswith(b"HTTP/1.1 408 ")
    assert new.connection in loop._unfinished
