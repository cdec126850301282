"""gunicorn's threaded worker, made proof against slow senders: a thread gets a request only when all of it is here.

gunicorn's own gives a connection to a thread at its first byte, and reading blocks without end: as many slow senders as there are
threads, and nobody else is heard. Here the main loop collects what comes, without waiting for anybody. Who does not finish a
request within READ_S is told so (408) and let go; connections that linger after their answer hold up nobody either.

Requests that wait for nothing but a commit of another thread need no thread of their own: the loop asks the application, which
may say that its answer comes later (`Later`), and goes on.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from gunicorn.http import Request, RequestParser
from gunicorn.http.errors import ParseException
from gunicorn.http.unreader import Unreader
from gunicorn.http.wsgi import Response, create
from gunicorn.workers.gthread import TConn

from bot.log import Often, get_logger
from bot.server.error_responses import Worker
from bot.server.request_buffer import Arrival

often = Often(get_logger("listener"))
READ_S = 20.0  # for a whole request; vendors' deliveries take milliseconds
STOP_READ_S = 3.0  # the same while the receiver stops
LINGER_S = 2.0
MOST_DRAINED_BYTES = 1_000_000  # read on after an answer, so that it arrives
MOST_UNFINISHED = 500  # of a process; the oldest goes when one more comes
MOST_LINGERING = 200
MOST_HELD_BYTES = 64_000_000

Start = Callable[[str, list[tuple[str, str]]], object]  # of WSGI: start_response
Give = Callable[[Start], Iterable[bytes]]  # an answer: says status and headers, gives the body
ANSWER_LATER = "deskhand.answer_later"  # in `environ`: Callable[[Give], None], to be called once, from any thread


@dataclass(frozen=True, slots=True)
class Later:
    """What an application returns that will call `environ[ANSWER_LATER]`. Where it has not within `within_s`, `otherwise` is the
    answer. To any other server, which would take it for a body, it is never returned: none offers ANSWER_LATER."""

    within_s: float
    otherwise: Give

    def __iter__(self) -> Iterator[bytes]:
        return iter(())


@dataclass(frozen=True, slots=True, eq=False)
class _Awaited:
    """A request whose answer comes later."""

    response: Response
    later: Later
    ends_at: float


class _Connection(TConn):
    """A connection, with what has arrived on it."""

    arrival: Arrival | None = None
    started_at = 0.0
    ends_at = 0.0
    drained_bytes = 0

    @property
    def unreader(self) -> Unreader:
        """What gunicorn's parser reads from."""
        return self.requests.unreader

    @property
    def requests(self) -> RequestParser:
        assert isinstance(self.parser, RequestParser)
        return self.parser


def _is_here(request: Request) -> None:
    """Its body is: whoever asked first was told to send it."""
    request._expected_100_continue = False  # type: ignore[attr-defined]


def _is_read(connection: _Connection) -> bool:
    """Nothing of the request is left in the buffer: what the application did not want is passed over. Raises OSError."""
    told: object = connection.requests.finish_body()  # type: ignore[func-returns-value]  # the stubs are of an older version
    return told is not False


def _ours(connection: TConn) -> _Connection:
    assert isinstance(connection, _Connection)  # `accept` makes no others
    return connection


_KEPT: Future[bool] = Future()  # a request that was served, on a connection that is kept
_KEPT.set_result(True)


class Listener(Worker):
    """The worker. Made by gunicorn; `most_body_bytes` and `quick` are set on the class that `listener` makes."""

    most_body_bytes = 1_048_576
    quick = b""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._unfinished: dict[_Connection, None] = {}  # oldest first
        self._lingering: dict[_Connection, None] = {}
        self._held_bytes = 0
        self._awaited: dict[_Connection, _Awaited] = {}
        self._answers: deque[tuple[_Connection, list[_Awaited], Give]] = deque()
        self._has_rung = False

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError:
            return  # gone again, or another process took it
        self.nr_conns += 1
        connection = _Connection(self.cfg, client, address, listener.getsockname())
        connection.init()
        self.enqueue_req(connection)

    def enqueue_req(self, conn: TConn) -> None:
        """A new connection, or one that is kept alive and has news: read what is there, and watch for the rest."""
        connection = _ours(conn)
        connection.sock.setblocking(False)
        connection.arrival = Arrival(self.most_body_bytes)
        connection.started_at = time.monotonic()
        connection.ends_at = connection.started_at + READ_S
        try:
            if buffered := connection.unreader.take_buffered():  # the next request, sent along with the last one
                self._held_bytes += len(buffered)
                connection.arrival.add(buffered)
        except ParseException as error:
            return self._refuse(connection, error)
        if connection.arrival.is_whole or not self._read(connection):
            return self._hand_over(connection)
        return None

    def _read(self, connection: _Connection) -> bool:
        """Take what is there. True while more must come; then the loop calls again."""
        arrival = connection.arrival
        assert arrival is not None
        try:
            while not arrival.is_whole:
                piece = connection.sock.recv(65_536)
                if not piece and not arrival.data:
                    self._drop(connection)
                    return True
                if not piece:  # no more will come, but the sender may still listen: what there is is judged as it is
                    arrival.is_whole = arrival.must_close = True
                self._held_bytes += len(piece)
                arrival.add(piece)
                if arrival.wants_more and not arrival.is_whole:
                    arrival.wants_more = False
                    connection.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        except BlockingIOError:
            self._wait_for_more(connection)
            return True
        except ParseException as error:
            self._refuse(connection, error)
            return True
        except OSError:
            self._drop(connection)
            return True
        return False

    def _wait_for_more(self, connection: _Connection) -> None:
        if connection not in self._unfinished:
            if len(self._unfinished) >= MOST_UNFINISHED:
                self._time_out(next(iter(self._unfinished)))
            self._unfinished[connection] = None
            self.poller.register(connection.sock, selectors.EVENT_READ, self._more(connection))
        if self._held_bytes > MOST_HELD_BYTES:
            self._time_out(max(self._unfinished, key=lambda each: len(each.arrival.data) if each.arrival else 0))

    def _more(self, connection: _Connection) -> Callable[[Any], None]:
        def read(_: Any) -> None:
            if connection in self._unfinished and not self._read(connection):
                self._hand_over(connection)

        return read

    def _hand_over(self, connection: _Connection) -> None:
        """What waits for nothing is served here and now; the rest goes to a thread. Both find all of the request in the parser's
        buffer."""
        self._forget(connection)
        arrival = connection.arrival
        assert arrival is not None
        data, arrival.data = bytes(arrival.data), bytearray()
        connection.unreader.unread(data)
        if self.quick and data.startswith(self.quick):
            self._serve(connection)
        else:
            super().enqueue_req(connection)

    def _serve(self, connection: _Connection) -> None:
        """In the loop: to pass a request to a thread and have that thread wait costs more than to read it (docs/bench.md, P1)."""
        try:
            request = next(connection.requests)
            _is_here(request)
            response, environ = create(request, connection.sock, connection.client, connection.server, self.cfg)
            environ["wsgi.multithread"] = True
            if self._must_close(connection):
                response.force_close()
            awaited: list[_Awaited] = []
            environ[ANSWER_LATER] = partial(self._take_answer, connection, awaited)
            body = self.wsgi(environ, response.start_response)  # type: ignore[arg-type]  # the stubs know one return type
            if isinstance(body, Later):
                awaited.append(_Awaited(response, body, time.monotonic() + body.within_s))
                self._awaited[connection] = awaited[0]
            else:
                self._answer(connection, response, body)
        except StopIteration:
            self._linger(connection)
        except Exception as error:  # one request's trouble, whatever it is, must not end the loop that serves everybody
            self._refuse(connection, error)

    def _must_close(self, connection: _Connection) -> bool:
        is_last = connection.arrival is not None and connection.arrival.must_close
        is_full = len(self.keepalived_conns) >= self.max_keepalived
        return is_last or is_full or not self.alive or not self.cfg.keepalive

    def _take_answer(self, connection: _Connection, awaited: list[_Awaited], give: Give) -> None:
        """Called by any thread. The loop is woken once for all answers that gather meanwhile."""
        self._answers.append((connection, awaited, give))
        if not self._has_rung:
            self._has_rung = True
            self.method_queue.defer(self._give_answers)

    def _give_answers(self) -> None:
        self._has_rung = False  # first: who comes from now on rings again
        while self._answers:
            connection, awaited, give = self._answers.popleft()
            if awaited and self._awaited.get(connection) is awaited[0]:  # else it came too late
                self._give(connection, give)

    def _give(self, connection: _Connection, give: Give) -> None:
        response = self._awaited.pop(connection).response
        try:
            self._answer(connection, response, give(response.start_response))
        except Exception as error:  # as in `_serve`
            self._refuse(connection, error)

    def _answer(self, connection: _Connection, response: Response, body: Iterable[bytes]) -> None:
        """Written without waiting: an answer fits into the socket's buffer, but for a client who never reads his."""
        try:
            for piece in body:
                response.write(piece)
            response.close()
            is_kept = not response.should_close() and _is_read(connection)
        except OSError:
            self._close(connection)
            return
        if not is_kept:
            self._linger(connection)
        elif connection.unreader.buf.getvalue():  # the next request came along with this one
            self.method_queue.defer(self.enqueue_req, connection)
        else:
            self.finish_request(connection, _KEPT)

    def _forget(self, connection: _Connection) -> None:
        if connection in self._unfinished:
            del self._unfinished[connection]
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(connection.sock)
        if connection.arrival is not None:
            self._held_bytes -= min(self._held_bytes, len(connection.arrival.data))

    def handle_request(self, req: Request, conn: TConn) -> bool:
        arrival = _ours(conn).arrival
        _is_here(req)
        if arrival is not None and arrival.must_close:
            req.force_close()
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """As gunicorn's, which waits here, in the loop that serves everybody, up to 2 s for a client to hang up."""
        is_kept_alive = not fs.cancelled() and fs.exception() is None and fs.result()
        if is_kept_alive:
            super().finish_request(conn, fs)
        else:
            self._linger(_ours(conn))

    def _linger(self, connection: _Connection) -> None:
        """Say that no more comes, and let go when the client has read it: closing at once could cut the answer off."""
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(socket.SHUT_WR)
            self.poller.register(connection.sock, selectors.EVENT_READ, self._drain(connection))
        except (OSError, ValueError, KeyError):
            self._close(connection)
            return
        if len(self._lingering) >= MOST_LINGERING:
            self._let_go(next(iter(self._lingering)))
        connection.ends_at = time.monotonic() + LINGER_S
        self._lingering[connection] = None

    def _drain(self, connection: _Connection) -> Callable[[Any], None]:
        def drain(_: Any) -> None:
            with suppress(BlockingIOError):
                with suppress(ConnectionError):
                    piece = connection.sock.recv(65_536)
                    connection.drained_bytes += len(piece)
                    if piece and connection.drained_bytes < MOST_DRAINED_BYTES:
                        return
                self._let_go(connection)

        return drain

    def _let_go(self, connection: _Connection) -> None:
        if self._lingering.pop(connection, self) is None:
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(connection.sock)
            self._close(connection)

    def _drop(self, connection: _Connection) -> None:
        self._forget(connection)
        self._close(connection)

    def _close(self, connection: _Connection) -> None:
        self.nr_conns -= 1
        connection.close()

    def _time_out(self, connection: _Connection) -> None:
        self._forget(connection)
        if connection.arrival is not None and connection.arrival.data:
            often.warning("request.cut", why="slow")
            _say_too_slow(connection.sock)
        self._linger(connection)

    def _refuse(self, connection: _Connection, error: Exception) -> None:
        self._forget(connection)
        self.handle_error(None, connection.sock, connection.client, error)
        self._linger(connection)

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """As gunicorn's, but no longer than until the answer that is awaited longest is given up (all wait equally long)."""
        if (oldest := next(iter(self._awaited.values()), None)) is not None:
            left_s = max(0.0, oldest.ends_at - time.monotonic())
            timeout = left_s if timeout is None else min(timeout, left_s)
        super().wait_for_and_dispatch_events(timeout)

    def murder_pending(self) -> None:
        """Called by the loop once a second or more often."""
        super().murder_pending()
        now = time.monotonic()
        if not self.alive:
            for connection in self._unfinished:
                connection.ends_at = min(connection.ends_at, connection.started_at + STOP_READ_S)
        for connection in [each for each in self._unfinished if each.ends_at <= now]:
            self._time_out(connection)
        for connection in [each for each in self._lingering if each.ends_at <= now]:
            self._let_go(connection)
        for connection, awaited in [each for each in self._awaited.items() if each[1].ends_at <= now]:
            self._give(connection, awaited.later.otherwise)


def _say_too_slow(client: socket.socket) -> None:
    body = b'{"status": 408, "error": "the request did not arrive in time"}'
    head = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with suppress(OSError):
        client.send(head % len(body) + body)


def listener(most_body: int, quick: bytes = b"") -> type[Listener]:
    """The worker class for a receiver that reads bodies up to so many bytes. `quick`: how requests begin that the application
    answers without waiting for anything, itself or by `ANSWER_LATER`; they need no thread."""
    return type("Listener", (Listener,), {"most_body_bytes": most_body, "quick": quick})
