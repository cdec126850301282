"""A model's endpoint to look at, as new for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.model import Endpoint, running_model


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    with running_model() as running:
        yield running


@pytest.fixture
def endpoint(server: Endpoint) -> Endpoint:
    server.reset()
    return server
