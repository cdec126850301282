"""F50: an error that cannot be pickled, with a message of 10 MB. What is kept of it is short, and the worker goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.errors import HelpdeskDown
from bot.store.database import schema
from bot.store.database.engine import reading
from tests.faults.common import assert_written_once, outage, set_aside, work_once
from tests.harness.deskhand import Running, deskhand

HUGE = "nina.network@northwind.example " * 330_000


class Unpicklable(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.held = lambda: message


class Broken:
    """A directory that raises this."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        raise self._error


@pytest.mark.parametrize("error", [Unpicklable(HUGE), HelpdeskDown(HUGE)], ids=["unpicklable", "ours"])
def test_F50_a_monstrous_error_is_kept_short(tmp_path: Path, error: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    with deskhand(tmp_path, "freshdesk", flow={"max_failures": 2}) as run:
        ticket = outage(run)
        well, run.parts.directory = run.parts.directory, Broken(error)  # type: ignore[assignment]

        work_once(run, ticket)
        work_once(run, ticket)

        assert run.key(ticket) in set_aside(run)
        assert max(map(len, texts(run))) < 2000
        assert len(capsys.readouterr().err) < 20_000
        run.parts.directory = well
        other = outage(run)
        run.settle(60)
        assert_written_once(run, other)


def texts(run: Running) -> list[str]:
    """Every reason that the database keeps."""
    with reading(run.parts.engine) as connection:
        return [
            str(value)
            for table in schema.metadata.sorted_tables
            if "reason" in table.c
            for value in connection.execute(table.select().with_only_columns(table.c.reason)).scalars()
        ]
