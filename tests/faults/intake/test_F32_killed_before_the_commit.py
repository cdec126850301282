"""F32: kill -9 before the commit. The sender sees its connection break, there is no row, and its repeat makes one."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once
from tests.faults.held_database import knock, rows
from tests.faults.killed_receiver import by_turns, killed_at, writing_runs
from tests.harness.nursery import Nursery


@by_turns("sqlite", "postgresql", "sqlite")
def test_F32_the_senders_repeat_makes_the_row(tmp_path: Path, nursed: Nursery, provider: str, database: str | None) -> None:
    with killed_at("received", tmp_path, nursed, provider, database) as (run, delivery, address):
        before = rows(run)
        again = knock(run, delivery, address)
        run.settle(20)

        assert before == 0
        assert (again.status, again.said.get("duplicate", False)) == (202, False)
        assert_written_once(run, delivery.ticket)
        assert writing_runs(run, delivery.ticket) == 1
