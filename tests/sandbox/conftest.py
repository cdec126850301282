"""A Zendesk stand-in with its client, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox.zendesk_client import Clock, Pair, zendesk


@pytest.fixture
def pair() -> Iterator[Pair]:
    with zendesk() as both:
        yield both


@pytest.fixture
def clock() -> Clock:
    return Clock()
