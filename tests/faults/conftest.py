"""What tests of the catalogue need: a warmed parent to fork Deskhand's processes from, and a database of either kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.nursery import Nursery, nursery


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """What the harness is told as `database`: None is a SQLite file in the test's folder."""
    url: str | None = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return url


@pytest.fixture(scope="session")
def nursed() -> Iterator[Nursery]:
    with nursery() as made:
        yield made
