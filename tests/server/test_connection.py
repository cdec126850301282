"""A connection, and an answer that comes later."""

from __future__ import annotations

import socket

import pytest
from gunicorn.config import Config
from gunicorn.workers.gthread import TConn

from bot.server.connection import Connection, Later, ours


def test_to_a_server_that_takes_it_for_a_body_a_later_answer_is_empty() -> None:
    assert list(Later(within_s=1.0, otherwise=lambda start: [])) == []


def test_a_new_connection_has_proven_nothing_and_nobody_looks_for_its_bytes() -> None:
    one, other = socket.socketpair()
    with one, other:
        made = Connection(Config(), one, ("", 0), ("", 0))

        assert ours(made) is made
        assert (made.is_proven, made.is_closed, made.on_readable, made.arrival) == (False, False, None, None)


def test_a_connection_of_another_kind_is_a_fault_of_ours() -> None:
    one, other = socket.socketpair()
    with one, other, pytest.raises(AssertionError):
        ours(TConn(Config(), one, ("", 0), ("", 0)))
