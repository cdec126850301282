"""F11: a sender that drips its request. The receiver has two threads here, and a hundred such senders."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest

from bot.server import gunicorn_worker
from tests.faults.receiver_setup import ReceiverSetup, real_door, statuses, until_closed
from tests.harness.nursery import Nursery


@pytest.fixture(scope="module")
def receiver(nursed: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReceiverSetup]:
    with real_door(nursed, tmp_path_factory.mktemp("slow"), "zendesk") as found:
        yield found


@contextmanager
def slow_senders(found: ReceiverSetup, count: int, begun: bytes, drip: bytes) -> Iterator[list[socket.socket]]:
    """Connections that began a request and send a byte of `drip` every tenth of a second."""
    connections = [found.dial() for _ in range(count)]
    stopped = threading.Event()

    def send() -> None:
        place = 0
        while not stopped.wait(0.1):
            for each in connections:
                with suppress(OSError):
                    each.send(drip[place % len(drip) :][:1])
            place += 1

    for each in connections:
        each.sendall(begun)
    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield connections
    finally:
        stopped.set()
        thread.join()
        for each in connections:
            each.close()


def knocks(found: ReceiverSetup, count: int = 10) -> list[float]:
    """Seconds that each of some good deliveries took."""
    took = []
    for _ in range(count):
        started = time.monotonic()
        assert found.knock(found.delivery()).status_code == 202
        took.append(time.monotonic() - started)
    return took


@pytest.mark.parametrize("where", ["request line", "headers", "body", "chunks", "nothing"])
def test_F11_others_are_not_affected(receiver: ReceiverSetup, where: str) -> None:
    body = receiver.delivery()
    announced = receiver.head({**receiver.proof(body), "Content-Length": str(len(body))})
    in_chunks = receiver.head({**receiver.proof(body), "Transfer-Encoding": "chunked"})
    begun = {
        "request line": b"POST /web",
        "headers": announced[:60],
        "body": announced + body[: len(body) // 2],
        "chunks": in_chunks + b"ff\r\n{",
        "nothing": b"",
    }[where]

    with slow_senders(receiver, 100, begun, b"a"):
        took = knocks(receiver)

    assert sorted(took)[len(took) // 2] < 1.0
    assert max(took) < 2.5


def test_F11_who_does_not_read_the_end_of_his_answer_holds_up_nobody(receiver: ReceiverSetup) -> None:
    """gunicorn's own worker waits up to 2 s for each such client, in the loop that serves all."""
    body = receiver.delivery()
    lingering = []
    for _ in range(20):
        connection = receiver.dial()
        headers = {**receiver.proof(body), "Content-Length": str(len(body)), "Connection": "close"}
        connection.sendall(receiver.head(headers) + body)
        lingering.append(connection)

    took = knocks(receiver, 3)
    for connection in lingering:
        connection.close()

    assert max(took) < 2.0


@pytest.mark.timeout(90)
def test_F11_a_stalled_request_is_told_and_let_go_within_30_s(receiver: ReceiverSetup) -> None:
    body = receiver.delivery()
    stalled = receiver.head({**receiver.proof(body), "Content-Length": str(len(body))}) + body[:100]
    started = time.monotonic()
    with closing(receiver.dial(60)) as half, closing(receiver.dial(60)) as silent:
        half.sendall(stalled)
        said = until_closed(half)
        took = time.monotonic() - started
        until_closed(silent)
        silent_took = time.monotonic() - started

    assert statuses(said) == [408]
    assert gunicorn_worker.READ_S - 1 < took < 30
    assert silent_took < 30


def test_F11_more_of_them_than_there_are_places_lose_their_place(receiver: ReceiverSetup) -> None:
    with slow_senders(receiver, gunicorn_worker.MOST_UNFINISHED + 100, b"POST /webhooks/zen", b"d") as connections:
        took = knocks(receiver, 5)
        connections[0].settimeout(5)
        said = until_closed(connections[0])

    assert max(took) < 5.0
    assert statuses(said) == [503]  # a vendor comes again after it; Zendesk not after 408
    assert b"\r\nRetry-After: 15\r\n" in said


def test_F11_a_slow_but_honest_request_is_served(receiver: ReceiverSetup) -> None:
    body = receiver.delivery()
    request = receiver.head({**receiver.proof(body), "Content-Length": str(len(body)), "Connection": "close"}) + body
    with closing(receiver.dial()) as connection:
        for at in range(0, len(request), 200):
            connection.sendall(request[at : at + 200])
            time.sleep(0.05)
        said = until_closed(connection)

    assert statuses(said) == [202]


def test_F11_two_requests_in_one_piece_are_both_served(receiver: ReceiverSetup) -> None:
    bodies = [receiver.delivery(), receiver.delivery()]
    first, second = (receiver.head({**receiver.proof(each), "Content-Length": str(len(each))}) + each for each in bodies)
    with closing(receiver.dial(5)) as connection:
        connection.sendall(first + second[:80])
        time.sleep(0.3)
        connection.sendall(second[80:])
        said = b""
        while len(statuses(said)) < 2:
            said += connection.recv(65_536)

    assert statuses(said) == [202, 202]


def test_F11_many_forged_requests_in_one_piece_are_all_answered(receiver: ReceiverSetup) -> None:
    """Each is answered by the loop itself, which must not go deeper with each that came along."""
    one = receiver.head({"Content-Length": "2", "Content-Type": "application/json"}) + b"{}"
    count = 400
    with closing(receiver.dial(20)) as connection:
        connection.sendall(one * count)
        said = b""
        while len(statuses(said)) < count:
            piece = connection.recv(65_536)
            assert piece
            said += piece

    assert statuses(said) == [401] * count


def test_F11_a_client_that_reads_no_answers_holds_up_nobody(receiver: ReceiverSetup) -> None:
    one = receiver.head({"Content-Length": "2"}) + b"{}"
    with closing(receiver.dial(2)) as deaf, suppress(OSError):
        for _ in range(40):
            deaf.sendall(one * 500)
        took = knocks(receiver, 3)

    assert max(took) < 2.0


def test_F11_a_sender_that_asks_first_is_answered(receiver: ReceiverSetup) -> None:
    body = receiver.delivery()
    head = receiver.head(
        {**receiver.proof(body), "Content-Length": str(len(body)), "Expect": "100-continue", "Connection": "close"}
    )
    with closing(receiver.dial(10)) as connection:
        connection.sendall(head)
        go_on = connection.recv(1000)
        connection.sendall(body)
        said = until_closed(connection)

    assert statuses(go_on) == [100]
    assert statuses(said) == [202]
