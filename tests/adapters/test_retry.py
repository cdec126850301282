"""adapters/retry.py: reads get a second chance, nothing else does."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from adapters import retry
from adapters.errors import HelpdeskDown, RateLimited


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _seconds: None))  # tenacity's alone


class Failing:
    """Fails as told, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "read"


def test_a_read_is_tried_three_times_and_the_last_error_is_raised_as_it_is() -> None:
    failing = Failing(HelpdeskDown("a"), HelpdeskDown("b"), HelpdeskDown("c"), HelpdeskDown("d"))

    with pytest.raises(HelpdeskDown, match=r"^c$"):
        retry.retry_reads(failing)()

    assert failing.calls == 3


def test_a_read_that_works_the_second_time_is_read() -> None:
    failing = Failing(HelpdeskDown("a"))

    assert retry.retry_reads(failing)() == "read"
    assert failing.calls == 2


def test_a_rate_limit_is_not_tried_again() -> None:
    failing = Failing(RateLimited(3))

    with pytest.raises(RateLimited):
        retry.retry_reads(failing)()

    assert failing.calls == 1


def test_a_helpdesk_that_hangs_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = Failing(HelpdeskDown("a"), HelpdeskDown("b"))
    monkeypatch.setattr("tenacity.time.monotonic", itertools.count(0, retry.GIVE_UP_AFTER_S + 1).__next__)

    with pytest.raises(HelpdeskDown, match=r"^a$"):
        retry.retry_reads(failing)()

    assert failing.calls == 1
