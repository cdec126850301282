"""The door bell: quick, never raising, heard by every worker; losing a ring costs only time."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from adapters.ticket import TicketKey, TicketKind
from bot.queue.wakeup import SocketBell, WakeupListener

pytestmark = pytest.mark.both_storages

KEY = TicketKey("acme", TicketKind.TICKET, "42")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("w")


def test_a_ring_wakes_the_worker_at_once(folder: Path) -> None:
    ear = WakeupListener(folder)
    threading.Timer(0.1, SocketBell(folder).ring, (KEY,)).start()
    started = time.monotonic()

    ear.wait(60)

    assert time.monotonic() - started < 50
    ear.close()


def test_a_ring_before_the_wait_is_heard(folder: Path) -> None:
    ear = WakeupListener(folder)
    assert SocketBell(folder).ring(KEY)
    started = time.monotonic()

    ear.wait(60)

    assert time.monotonic() - started < 50
    ear.close()


def test_every_worker_hears(folder: Path) -> None:
    ears = [WakeupListener(folder) for _ in range(3)]
    SocketBell(folder).ring(KEY)
    started = time.monotonic()

    for ear in ears:
        ear.wait(60)
        ear.close()

    assert time.monotonic() - started < 50


def test_rings_that_wait_are_taken_off_together(folder: Path) -> None:
    ear = WakeupListener(folder)
    for _ in range(5):
        SocketBell(folder).ring(KEY)
    ear.wait(60)
    started = time.monotonic()

    ear.wait(0.2)

    assert time.monotonic() - started >= 0.15
    ear.close()


def test_a_worker_that_does_not_listen_is_rung_without_end_or_error(folder: Path) -> None:
    ear, bell = WakeupListener(folder), SocketBell(folder)

    assert all(bell.ring(KEY) for _ in range(2000))
    ear.close()


def test_nobody_there_is_no_error(folder: Path) -> None:
    assert not SocketBell(folder).ring(KEY)
    assert not SocketBell(folder / "never made").ring(KEY)


def test_the_socket_of_a_dead_worker_is_taken_away(folder: Path) -> None:
    ear = WakeupListener(folder)
    ear._socket.close()

    assert not SocketBell(folder).ring(KEY)
    assert list(folder.iterdir()) == []


def test_closing_takes_the_socket_away(folder: Path) -> None:
    WakeupListener(folder).close()

    assert list(folder.iterdir()) == []
