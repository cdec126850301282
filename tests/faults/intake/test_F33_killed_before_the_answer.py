"""F33: kill -9 after the commit and before the answer. The row is there, the sender's repeat is recognised: one run."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once
from tests.faults.held_database import knock, rows
from tests.faults.killed_receiver import by_turns, killed_at, writing_runs
from tests.harness.nursery import Nursery


@by_turns("postgresql", "sqlite", "postgresql")
def test_F33_the_senders_repeat_is_recognised(tmp_path: Path, nursed: Nursery, provider: str, database: str | None) -> None:
    with killed_at("stored", tmp_path, nursed, provider, database) as (run, delivery, address):
        before = rows(run)
        again = knock(run, delivery, address)
        run.settle(20)

        assert before == 1
        assert (again.status, again.said.get("duplicate", False)) == (200, True)
        assert_written_once(run, delivery.ticket)
        assert writing_runs(run, delivery.ticket) == 1
