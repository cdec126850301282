"""A Zendesk that answers what a test lays out, and no waiting between tries."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
import responses


@pytest.fixture
def desk() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _seconds: None))  # tenacity's alone
