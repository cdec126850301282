"""The two other combinations of database and queue: SQLite with Redis, PostgreSQL with the embedded queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.deskhand import PROVIDERS, deskhand
from tests.harness.processes import assert_written_once, outage
from tests.harness.storage import on

pytestmark = pytest.mark.both_storages

CROSSED = [("sqlite-redis", ("zendesk",)), ("postgresql-embedded", ("intercom",)), ("sqlite-redis", ("freshdesk",))]


@on("provider", CROSSED)
def test_a_ticket_goes_its_whole_way(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle(30)

        assert_written_once(run, ticket)
        assert (run.config.database_url.startswith("sqlite"), run.jobs is None) in ((True, False), (False, True))


@on("provider", [(where, (PROVIDERS[0],)) for where, _ in CROSSED[:2]])
def test_a_write_whose_answer_is_lost_is_found(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.faults.order("reset_after_commit", method="PUT", path="/tickets")
        ticket = outage(run)
        run.settle(30)

        assert_written_once(run, ticket)
