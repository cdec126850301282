"""A thread beside the work of its owner: it ends with it, and is waited for."""

from __future__ import annotations

import threading

import pytest

from bot.process.background import beside


def test_the_work_goes_on_beside_its_owner_and_has_ended_afterwards() -> None:
    steps: list[str] = []
    begun = threading.Event()

    def work(over: threading.Event) -> None:
        steps.append(threading.current_thread().name)
        begun.set()
        over.wait(10)
        steps.append("ended")

    with beside("pulse", work):
        assert begun.wait(10)
        steps.append("owner")

    assert steps == ["pulse", "owner", "ended"]


def test_an_owner_that_fails_ends_it_too() -> None:
    ended = threading.Event()

    def work(over: threading.Event) -> None:
        if over.wait(10):
            ended.set()

    with pytest.raises(RuntimeError, match="of the owner"), beside("pulse", work):
        raise RuntimeError("of the owner")

    assert ended.is_set()
