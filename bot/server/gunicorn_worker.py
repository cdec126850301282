"""gunicorn's threaded worker, made proof against slow, many and odd senders: a thread gets a request only when all of it is here.

gunicorn's own gives a connection to a thread at its first byte, and reading blocks without end: as many slow senders as there are
threads, and nobody else is heard. Here the main loop collects what comes, without waiting for anybody. Who does not finish a
request within READ_S is told so (408) and let go; connections that linger after their answer hold up nobody either. When all
places are taken, whoever needs theirs least gives way to the newcomer. No connection's trouble ends the loop.

Requests that wait for nothing but a commit of another thread need no thread of their own: the loop asks the application, which
may say that its answer comes later (`Later`), and goes on.
"""

from __future__ import annotations

import resource
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http import Request
from gunicorn.http.errors import ParseException
from gunicorn.http.wsgi import Response, create
from gunicorn.workers.gthread import TConn

from bot.log import Often, get_logger
from bot.server.connection import ANSWER_LATER, Awaited, Connection, Give, Later, Waiting, is_here, is_read, ours
from bot.server.error_responses import STOPPING, TOO_CROWDED, TOO_SLOW, Worker
from bot.server.request_buffer import Arrival

often = Often(get_logger("listener"))
READ_S = 20.0  # for a whole request; vendors' deliveries take milliseconds
STOP_READ_S = 3.0  # the same while the receiver stops
STOPPING_TURN_S = 0.2
REST_S = 5.0  # until the next request on a connection that is kept
LINGER_S = 2.0
MOST_DRAINED_BYTES = 1_000_000  # read on after an answer, so that it arrives
MOST_CONNECTIONS = 1000  # of a process; beyond, somebody gives way to each that comes
MOST_UNFINISHED = 500  # of a process; the oldest goes when one more comes
MOST_LINGERING = 200
MOST_HELD_BYTES = 64_000_000
MOST_ACCEPTED = 16  # at a time: others want to be heard in between


class Listener(Worker):
    """The worker. Made by gunicorn; `most_body_bytes` and `quick` are set on the class that `listener` makes."""

    most_body_bytes = 1_048_576
    quick = b""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.worker_connections = (
            MOST_CONNECTIONS + self.cfg.threads + 100
        )  # gunicorn stops accepting there: where none can give way
        self._unfinished: Waiting = {}
        self._resting: Waiting = {}  # kept alive, no request under way; gunicorn's own list of them stays empty
        self._lingering: Waiting = {}
        self._held_bytes = 0
        self._awaited: dict[Connection, Awaited] = {}
        self._answers: deque[tuple[Connection, list[Awaited], Give]] = deque()
        self._has_rung = False

    def init_process(self) -> None:
        _allow_files(self.worker_connections + 100)
        super().init_process()

    # connections come

    def accept(self, listener: socket.socket) -> None:
        for _ in range(MOST_ACCEPTED):
            try:
                client, address = listener.accept()
            except BlockingIOError:
                return  # no more, or another process took it
            except OSError as error:  # gone again; or there are no more files to be had, and it would be offered again and again
                often.warning("connection.refused", why=type(error).__name__)
                self._make_room()
                return
            self.nr_conns += 1
            self._safely(Connection(self.cfg, client, address, listener.getsockname()), self._begin)

    def _begin(self, connection: Connection) -> None:
        if self.nr_conns > MOST_CONNECTIONS:
            self._make_room()
        connection.init()
        self.enqueue_req(connection)

    def _make_room(self) -> None:
        """The oldest gives way: of those that have their answer, else that rest and never brought anything, else that have not
        sent all, else that rest."""
        unknown = next((each for each in self._resting if not each.is_proven), None)
        if self._lingering:
            self._drop(next(iter(self._lingering)))
        elif unknown is not None:
            self._drop(unknown)
        elif self._unfinished:
            self._crowd_out(next(iter(self._unfinished)))
        elif self._resting:
            self._drop(next(iter(self._resting)))

    def _crowd_out(self, connection: Connection) -> None:
        """503, which vendors repeat, and not 408, which Zendesk does not; also where the request is still on its way."""
        self._cut(connection, "crowded", TOO_CROWDED)

    # what becomes readable

    def _watch(self, connection: Connection, act: Callable[[Connection], None]) -> None:
        connection.sock.setblocking(False)
        connection.on_readable = act
        self.poller.register(connection.sock, selectors.EVENT_READ, partial(self._on_readable, connection))

    def _on_readable(self, connection: Connection, _: Any) -> None:
        """An earlier event of the same batch may have closed it, or made something else of it: it is as it is now."""
        if connection.on_readable is not None:
            self._safely(connection, connection.on_readable)

    def _safely(self, connection: Connection, act: Callable[[Connection], None]) -> None:
        """One connection's trouble, whatever it is, costs that one, and must not end the loop that serves everybody."""
        try:
            act(connection)
        except Exception as error:
            if not isinstance(error, OSError):
                often.warning("connection.failed", why=type(error).__name__)
            self._drop(connection)

    def enqueue_req(self, conn: TConn) -> None:
        """A new connection, or one that is kept alive and has news: read what is there, and watch for the rest."""
        connection = ours(conn)
        connection.sock.setblocking(False)
        connection.arrival = Arrival(self.most_body_bytes)
        connection.started_at = time.monotonic()
        connection.ends_at = connection.started_at + (READ_S if self.alive else STOP_READ_S)
        buffered = connection.unreader.take_buffered()  # the next request, sent along with the last one
        if self._read(connection, buffered):
            self._hand_over(connection)

    def _read(self, connection: Connection, piece: bytes = b"") -> bool:
        """Take what is there. True when the request is; else the loop calls again."""
        arrival = connection.arrival
        assert arrival is not None
        try:
            while not self._is_whole_with(connection, arrival, piece):
                piece = connection.sock.recv(65_536)
                if not piece and not arrival.size:
                    self._drop(connection)
                    return False
                if not piece:
                    arrival.end()
        except BlockingIOError:
            self._wait_for_more(connection)
            return False
        except ParseException as error:
            self._refuse(connection, error)
            return False
        return True

    def _is_whole_with(self, connection: Connection, arrival: Arrival, piece: bytes) -> bool:
        if piece:
            self._held_bytes += len(piece)
            connection.held_bytes += len(piece)
            arrival.add(piece)
        if arrival.wants_more and not arrival.is_whole:
            arrival.wants_more = False
            connection.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return arrival.is_whole

    def _wait_for_more(self, connection: Connection) -> None:
        if connection not in self._unfinished:
            if len(self._unfinished) >= MOST_UNFINISHED:
                self._crowd_out(next(iter(self._unfinished)))
            self._unfinished[connection] = None
            self._watch(connection, self._more)
        if self._held_bytes > MOST_HELD_BYTES:
            self._crowd_out(max(self._unfinished, key=lambda each: each.held_bytes))

    def _more(self, connection: Connection) -> None:
        if self._read(connection):
            self._hand_over(connection)

    # requests are answered

    def _hand_over(self, connection: Connection) -> None:
        """What waits for nothing is served here and now; the rest goes to a thread. Both find all of the request in the parser's
        buffer."""
        self._forget(connection)
        assert connection.arrival is not None
        data = connection.arrival.take()
        connection.unreader.unread(data)
        if self.quick and data.startswith(self.quick):
            self._serve(connection)
        else:
            super().enqueue_req(connection)

    def _serve(self, connection: Connection) -> None:
        """In the loop: to pass a request to a thread and have that thread wait costs more than to read it (docs/bench.md, P1)."""
        try:
            request = next(connection.requests)
            is_here(request)
            response, environ = create(request, connection.sock, connection.client, connection.server, self.cfg)
            environ["wsgi.multithread"] = True
            if self._must_close(connection):
                response.force_close()
            awaited: list[Awaited] = []
            environ[ANSWER_LATER] = partial(self._take_answer, connection, awaited)
            body = self.wsgi(environ, response.start_response)  # type: ignore[arg-type]  # the stubs know one return type
            if isinstance(body, Later):
                awaited.append(Awaited(response, body, time.monotonic() + body.within_s))
                self._awaited[connection] = awaited[0]
            else:
                self._answer(connection, response, body)
        except StopIteration:
            self._linger(connection)
        except Exception as error:
            self._refuse(connection, error)

    def _must_close(self, connection: Connection) -> bool:
        is_last = connection.arrival is not None and connection.arrival.must_close
        return is_last or not self.alive or not self.cfg.keepalive

    def _take_answer(self, connection: Connection, awaited: list[Awaited], give: Give) -> None:
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

    def _give(self, connection: Connection, give: Give) -> None:
        response = self._awaited.pop(connection).response
        try:
            self._answer(connection, response, give(response.start_response))
        except Exception as error:
            self._refuse(connection, error)

    def _answer(self, connection: Connection, response: Response, body: Iterable[bytes]) -> None:
        """Written without waiting: an answer fits into the socket's buffer, but for a client who never reads his."""
        try:
            for piece in body:
                response.write(piece)
            response.close()
            is_kept = not response.should_close() and is_read(connection)
        except OSError:
            self._drop(connection)
            return
        connection.is_proven = connection.is_proven or response.status_code in (200, 202)
        self._go_on(connection) if is_kept else self._linger(connection)

    def handle_request(self, req: Request, conn: TConn) -> bool:
        """In a thread."""
        arrival = ours(conn).arrival
        is_here(req)
        if arrival is not None and arrival.must_close:
            req.force_close()
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: Future[bool]) -> None:
        """What a thread has answered. gunicorn's waits up to 2 s for a client to hang up, in the loop that serves everybody."""
        is_kept_alive = not fs.cancelled() and fs.exception() is None and fs.result()
        self._safely(ours(conn), self._go_on if is_kept_alive else self._linger)

    def _go_on(self, connection: Connection) -> None:
        """To the next request: it came along with the last one, or is waited for."""
        if connection.unreader.buf.getvalue():
            self.method_queue.defer(self._safely, connection, self.enqueue_req)
            return
        connection.started_at = time.monotonic()
        connection.ends_at = connection.started_at + REST_S
        self._resting[connection] = None
        self._watch(connection, self._wake)

    def _wake(self, connection: Connection) -> None:
        self._forget(connection)
        self.enqueue_req(connection)

    # connections go

    def _linger(self, connection: Connection) -> None:
        """Say that no more comes, and let go when the client has read it: closing at once could cut the answer off."""
        if len(self._lingering) >= MOST_LINGERING:
            self._drop(next(iter(self._lingering)))
        try:
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:  # it has hung up
            self._drop(connection)
            return
        connection.ends_at = time.monotonic() + LINGER_S
        self._lingering[connection] = None
        self._watch(connection, self._drain)

    def _drain(self, connection: Connection) -> None:
        with suppress(BlockingIOError):
            piece = connection.sock.recv(65_536)
            connection.drained_bytes += len(piece)
            if not piece or connection.drained_bytes >= MOST_DRAINED_BYTES:
                self._drop(connection)

    def _forget(self, connection: Connection) -> None:
        """Nothing is waited for on it any more."""
        for waiting in (self._unfinished, self._resting, self._lingering):
            waiting.pop(connection, None)
        if connection.on_readable is not None:
            connection.on_readable = None
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(connection.sock)
        self._held_bytes -= connection.held_bytes
        connection.held_bytes = 0

    def _drop(self, connection: Connection) -> None:
        """Any number of times."""
        self._forget(connection)
        self._awaited.pop(connection, None)
        if not connection.is_closed:
            connection.is_closed = True
            self.nr_conns -= 1
            connection.close()

    def _cut(self, connection: Connection, why: str, told: bytes) -> None:
        self._forget(connection)
        if told is TOO_CROWDED or (connection.arrival is not None and connection.arrival.size):
            often.warning("request.cut", why=why)
            with suppress(OSError):
                connection.sock.send(told)
        self._safely(connection, self._linger)

    def _refuse(self, connection: Connection, error: Exception) -> None:
        self._forget(connection)
        self.handle_error(None, connection.sock, connection.client, error)
        self._safely(connection, self._linger)

    # the loop

    def wait_for_and_dispatch_events(self, timeout: float | None) -> None:
        """As gunicorn's, but no longer than until the answer that is awaited longest is given up (all wait equally long), and
        whatever goes wrong with one event, the others have their turn."""
        left_s = [] if timeout is None else [timeout if self.alive else min(timeout, STOPPING_TURN_S)]
        if (oldest := next(iter(self._awaited.values()), None)) is not None:
            left_s.append(max(0.0, oldest.ends_at - time.monotonic()))
        for key, _ in self.poller.select(min(left_s, default=None)):
            try:
                key.data(key.fileobj)
            except Exception as error:
                often.warning("loop.failed", why=type(error).__name__)

    def _cap_keepalive(self, deadline: float) -> None:
        """Called once, when the receiver begins to stop."""
        for connection in self._resting:
            connection.ends_at = min(connection.ends_at, deadline)
        for connection in self._unfinished:
            connection.ends_at = min(connection.ends_at, connection.started_at + STOP_READ_S)

    def murder_pending(self) -> None:
        """Called by the loop once a second or more often: looks at those alone whose time is over."""
        now = time.monotonic()
        told = TOO_SLOW if self.alive else STOPPING  # our end is not the sender's fault
        self._end_those(self._unfinished, now, lambda each: self._cut(each, "slow" if self.alive else "stopping", told))
        self._end_those(self._resting, now, self._drop)
        self._end_those(self._lingering, now, self._drop)
        for connection, awaited in [each for each in self._awaited.items() if each[1].ends_at <= now]:
            self._give(connection, awaited.later.otherwise)

    @staticmethod
    def _end_those(waiting: Waiting, now: float, end: Callable[[Connection], None]) -> None:
        while (oldest := next(iter(waiting), None)) is not None and oldest.ends_at <= now:
            end(oldest)


def _allow_files(count: int) -> None:
    """As many open files as connections need: many systems start a process with 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def listener(most_body: int, quick: bytes = b"") -> type[Listener]:
    """The worker class for a receiver that reads bodies up to so many bytes. `quick`: how requests begin that the application
    answers without waiting for anything, itself or by `ANSWER_LATER`; they need no thread."""
    return type("Listener", (Listener,), {"most_body_bytes": most_body, "quick": quick})
