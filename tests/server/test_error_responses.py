"""What is no HTTP gets an answer without its words; a sender never sees 5xx for what it sent itself."""

from __future__ import annotations

import json
import socket
from typing import cast

import pytest
from gunicorn.http import errors

from bot.server.error_responses import STOPPING, TOO_CROWDED, TOO_SLOW, Worker


class Client:
    def __init__(self) -> None:
        self.heard = b""

    def sendall(self, said: bytes) -> None:
        self.heard += said


class Gone(Client):
    def sendall(self, said: bytes) -> None:
        raise BrokenPipeError


def answered(error: BaseException, client: Client | None = None) -> bytes:
    client = client or Client()
    Worker.handle_error(cast(Worker, None), None, cast(socket.socket, client), None, error)
    return client.heard


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InvalidRequestLine("secret words"), 400),
        (errors.LimitRequestLine(5000, 4094), 414),
        (errors.LimitRequestHeaders("secret words"), 431),
        (OSError("secret words"), 400),
        (RuntimeError("secret words"), 503),
    ],
)
def test_each_trouble_has_its_status_and_none_of_the_callers_words(error: BaseException, status: int) -> None:
    heard = answered(error)

    assert heard.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"secret words" not in heard
    assert (b"Retry-After" in heard) is (status == 503)


def test_who_is_gone_is_told_nothing_and_does_no_harm() -> None:
    assert answered(RuntimeError("x"), Gone()) == b""


@pytest.mark.parametrize(("response", "status"), [(TOO_SLOW, 408), (TOO_CROWDED, 503), (STOPPING, 503)])
def test_ready_answers_are_whole(response: bytes, status: int) -> None:
    head, _, body = response.partition(b"\r\n\r\n")

    assert json.loads(body)["status"] == status
    assert f"Content-Length: {len(body)}".encode() in head
