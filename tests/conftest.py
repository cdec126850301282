"""What every test may count on: logging as structlog has it by itself, whatever the test before set up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logging_is_not_inherited() -> Iterator[None]:
    yield
    structlog.reset_defaults()
