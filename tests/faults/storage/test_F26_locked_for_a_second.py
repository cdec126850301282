"""F26: another writer holds the database for a second. The delivery waits, is stored and answered 202."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once
from tests.faults.held_database import held_for, knock, rows, undelivered
from tests.harness.deskhand import deskhand


def test_F26_a_delivery_waits_for_a_short_lock(tmp_path: Path, database: str | None) -> None:
    with deskhand(tmp_path, "freshdesk", database=database) as run:
        delivery = undelivered(run)

        with held_for(run.config.database_url, 1.0):
            answer = knock(run, delivery)
        run.settle()

        assert answer.status == 202
        assert answer.took_s > 0.3  # it did meet the lock
        assert rows(run) >= 1
        assert_written_once(run, delivery.ticket)
