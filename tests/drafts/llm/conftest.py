"""A model's endpoint to call, and the weights read, as a worker has them at its start: no draft's time pays for them."""

from __future__ import annotations

import pytest

from bot.senses.learned.classifier import read
from tests.harness.model_endpoint import endpoint, server

__all__ = ["endpoint", "server"]


@pytest.fixture(scope="session", autouse=True)
def weights() -> None:
    read(["Hello"], "en")
