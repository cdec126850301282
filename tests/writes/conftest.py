"""The bench of these tests: a stored plan, and a helpdesk in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import Desk


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A helpdesk without conditional writes."""
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Bench]:
    """A helpdesk that refuses a write on an older version of the ticket."""
    made = Bench(tmp_path, Desk(is_conditional=True))
    yield made
    made.close()


@pytest.fixture(params=[False, True], ids=["unconditional", "conditional"])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, Desk(is_conditional=request.param))
    yield made
    made.close()
