"""adapters/transport.py on a real loopback server: what a call may cost, and what its failure means."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest
import requests

from adapters.errors import AccessDenied, HelpdeskDown, OutcomeUnknown, RateLimited
from adapters.transport import Transport

Answer = Callable[[socket.socket], None]
DRIPS_S = 30.0


@contextmanager
def server(answer: Answer) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads each request's head (and what came with it) and lets `answer` do what it likes with the socket."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    heads.append(_head(connection))
                    try:
                        answer(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heads
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.recv(65536)):
        head += part
    return head


def says(status: str, body: bytes = b"{}", *headers: str) -> Answer:
    head = "".join(
        f"{each}\r\n" for each in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers)
    )
    return lambda connection: connection.sendall(head.encode() + b"\r\n" + body)


def drips(first: bytes, drop: bytes) -> Answer:
    """`first`, then `drop` every 50 ms for half a minute, or until the other side has gone: no single read waits long."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.settimeout(0.05)
        for _ in range(int(DRIPS_S / 0.05)):
            connection.sendall(drop)
            with suppress(TimeoutError):
                if not connection.recv(100):
                    return

    return answer


def resets(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def call(address: str, method: str = "GET", path: str = "/api/v2/tickets/1", **transport: float) -> requests.Response:
    session = requests.Session()
    session.mount("http://", Transport(address, allow_private=True, **transport))  # type: ignore[arg-type]  # one kind of number for all settings
    return session.request(method, address + path, data="{}" if method != "GET" else None)


class Watching:
    """A budget that writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def take(self, method: str, path: str) -> None:
        self.told.append("take")

    def learn(self, status: int, headers: object) -> None:
        self.told.append(status)

    def block(self, retry_after_s: float) -> None:
        self.told.append(retry_after_s)


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", b" "),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", b" "),
        (b"", b""),
    ],
    ids=["headers", "body", "body without a length", "nothing at all"],
)
def test_a_drip_of_bytes_does_not_outlast_the_deadline(first: bytes, drop: bytes) -> None:
    with server(drips(first, drop)) as (address, _):
        began = time.monotonic()
        with pytest.raises(HelpdeskDown):
            call(address, deadline_s=0.4)
        took_s = time.monotonic() - began

    assert took_s < DRIPS_S / 2


def test_a_write_that_outlasts_the_deadline_is_of_unknown_outcome() -> None:
    with server(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n", b" ")) as (address, _), pytest.raises(OutcomeUnknown):
        call(address, "PUT", deadline_s=0.4)


@pytest.mark.parametrize(("method", "error"), [("GET", HelpdeskDown), ("PUT", OutcomeUnknown), ("POST", OutcomeUnknown)])
@pytest.mark.parametrize(
    "answer",
    [
        resets,
        says("500 Oops"),
        says("503 Busy", b"", "Retry-After: 30"),
        says("302 Found", b"{}", "Location: http://198.51.100.1/"),
        says("200 OK", b"<html>please log in</html>"),
        says("200 OK", b'{"ticket": {"id": 1', "Content-Type: application/json"),
        says("200 OK", b"no gzip at all", "Content-Encoding: gzip"),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}"),
    ],
    ids=["reset", "500", "503", "redirect", "HTML", "half JSON", "broken gzip", "cut off"],
)
def test_a_failed_read_is_down_and_a_failed_write_unknown(answer: Answer, method: str, error: type[Exception]) -> None:
    with server(answer) as (address, heads), pytest.raises(error):
        call(address, method)

    assert len(heads) == 1  # neither repeated nor redirected


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_where_nobody_listens_nothing_was_sent(method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"

    with pytest.raises(HelpdeskDown, match="no connection"):
        call(address, method)


def test_a_handshake_that_never_ends_meets_the_deadline_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts and says nothing
        session = requests.Session()
        address = f"https://127.0.0.1:{silent.getsockname()[1]}"
        session.mount("https://", Transport(address, allow_private=True, deadline_s=0.4))
        began = time.monotonic()
        with pytest.raises(HelpdeskDown, match="no connection"):
            session.put(f"{address}/x")

    assert time.monotonic() - began < 1.5


def test_a_name_that_does_not_resolve_was_not_sent_to() -> None:
    with pytest.raises(HelpdeskDown, match=r"no connection to nobody\.invalid"):
        call("http://nobody.invalid", "PUT")


def test_429_says_when_and_blocks_the_budget() -> None:
    budget = Watching()
    session = requests.Session()
    with server(says("429 Slow down", b"slow down", "Retry-After: 7")) as (address, heads):
        session.mount("http://", Transport(address, allow_private=True, budget=budget))
        with pytest.raises(RateLimited) as caught:
            session.put(address + "/x")

    assert caught.value.retry_after_s == 7
    assert budget.told == ["take", 429, 7.0]
    assert len(heads) == 1


def test_refused_credentials_are_no_secret_in_the_message() -> None:
    session = requests.Session()
    session.auth = ("deskhand.bot@example.com/token", "canary-token")
    with server(says("401 No", b'{"error": "no"}')) as (address, _):
        session.mount("http://", Transport(address, allow_private=True))
        with pytest.raises(AccessDenied) as caught:
            session.get(address + "/x")

    assert "canary-token" not in str(caught.value)


@pytest.mark.parametrize("status", ["200 OK", "422 No"])
def test_an_answer_that_repeats_our_credentials_comes_without_them(status: str) -> None:
    session = requests.Session()
    session.auth = ("deskhand.bot@example.com/token", "canary-token")
    with server(says(status, b'{"error": "canary-token was refused"}')) as (address, _):
        session.mount("http://", Transport(address, allow_private=True))

        answer = session.get(address + "/x")

    assert answer.json() == {"error": "[redacted] was refused"}


@pytest.mark.parametrize("status", ["404 Gone", "409 Conflict", "422 No", "403 No"])
def test_a_no_of_the_helpdesk_is_an_answer(status: str) -> None:
    with server(says(status, b'{"error": "x"}')) as (address, _):
        assert call(address, "PUT").status_code == int(status[:3])


def test_a_foreign_host_is_refused_before_anything_is_sent() -> None:
    with server(says("200 OK")) as (address, heads):
        session = requests.Session()
        session.mount("http://", Transport(address, allow_private=True))
        with pytest.raises(HelpdeskDown, match=r"another host was refused: evil\.example"):
            session.get("http://evil.example/api")

    assert heads == []


def test_an_admitted_host_is_answered_by_the_account() -> None:
    with server(says("200 OK", b'{"a": 1}')) as (address, heads):
        transport = Transport(address, allow_private=True)
        transport.admit("account.helpdesk.invalid")
        session = requests.Session()
        session.mount("https://", transport)

        answer = session.get("https://account.helpdesk.invalid/api/v2/x?y=1")

    assert answer.json() == {"a": 1}
    assert answer.request.url == "https://account.helpdesk.invalid/api/v2/x?y=1"  # zenpy looks for its own host there
    assert heads[0].startswith(b"GET /api/v2/x?y=1 HTTP/1.1\r\n")
    assert f"Host: {address.removeprefix('http://')}\r\n".encode() in heads[0]


def test_the_path_of_an_address_is_put_before_the_call_once() -> None:
    with server(says("200 OK")) as (address, heads):
        session = requests.Session()
        transport = Transport(f"{address}/desk", allow_private=True)
        transport.admit("account.helpdesk.invalid")
        session.mount("http://", transport)
        session.get("http://account.helpdesk.invalid/api")
        session.get(f"{address}/desk/api")

    assert [head.split(b" ")[1] for head in heads] == [b"/desk/api", b"/desk/api"]


def test_a_write_without_a_body_in_its_answer_is_whole() -> None:
    with server(says("204 No Content", b"")) as (address, _):
        assert call(address, "DELETE").status_code == 204


def test_httpx_gets_the_same_errors_and_a_whole_answer() -> None:
    with (
        server(says("200 OK", b'{"a": 1}')) as (address, _),
        httpx.Client(transport=Transport(address, allow_private=True).for_httpx()) as client,
    ):
        assert client.get(address + "/x").json() == {"a": 1}

    with (
        server(says("500 Oops")) as (address, _),
        httpx.Client(transport=Transport(address, allow_private=True).for_httpx()) as client,
        pytest.raises(OutcomeUnknown),
    ):
        client.post(address + "/x", json={})
