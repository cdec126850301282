"""What tests of the catalogue need: a database of either kind."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str | None:
    """What the harness is told as `database`: None is a SQLite file in the test's folder."""
    url: str | None = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return url
