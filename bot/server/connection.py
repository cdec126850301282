"""A connection as the listener knows it: what has arrived on it, what is waited for, how long; and later answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gunicorn.http import Request, RequestParser
from gunicorn.http.unreader import Unreader
from gunicorn.http.wsgi import Response
from gunicorn.workers.gthread import TConn

from bot.server.request_buffer import Arrival

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
class Awaited:
    """A request whose answer comes later."""

    response: Response
    later: Later
    ends_at: float


class Connection(TConn):
    """A connection, and what has arrived on it. `on_readable`: what its bytes mean now; None while nobody looks for any.
    `is_proven`: a delivery came over it that was taken."""

    arrival: Arrival | None = None
    on_readable: Callable[[Connection], None] | None = None
    started_at = 0.0
    ends_at = 0.0
    held_bytes = 0
    drained_bytes = 0
    is_proven = False
    is_closed = False

    @property
    def unreader(self) -> Unreader:
        """What gunicorn's parser reads from."""
        return self.requests.unreader

    @property
    def requests(self) -> RequestParser:
        assert isinstance(self.parser, RequestParser)
        return self.parser


Waiting = dict[Connection, None]  # in the order of their `ends_at`


def is_here(request: Request) -> None:
    """Its body is: whoever asked first was told to send it."""
    request._expected_100_continue = False  # type: ignore[attr-defined]


def is_read(connection: Connection) -> bool:
    """Nothing of the request is left in the buffer: what the application did not want is passed over. Raises OSError."""
    told: object = connection.requests.finish_body()  # type: ignore[func-returns-value]  # the stubs are of an older version
    return told is not False


def ours(connection: TConn) -> Connection:
    assert isinstance(connection, Connection)  # the listener makes no others
    return connection
