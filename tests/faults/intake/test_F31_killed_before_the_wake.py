"""F31: kill -9 between the commit and the wake, and no sender comes again. The sweep finds the row: one run."""

from __future__ import annotations

from pathlib import Path

from bot.scheduler.ticker import Ticker, TickerParts
from tests.faults.common import assert_written_once
from tests.faults.held_database import rows
from tests.faults.killed_receiver import by_turns, killed_at, writing_runs
from tests.harness.bench_in_memory import SilentBell
from tests.harness.nursery import Nursery
from tests.harness.processes import wait_for


@by_turns("sqlite", "postgresql", "sqlite")
def test_F31_the_sweep_finds_what_nobody_was_woken_for(
    tmp_path: Path, nursed: Nursery, provider: str, database: str | None
) -> None:
    with killed_at("stored", tmp_path, nursed, provider, database) as (run, delivery, _):
        stored, bell = rows(run), SilentBell()
        parts = TickerParts(config=run.config, engine=run.parts.engine, bell=bell, clock=run.parts.clock, owner="sweep")
        wait_for("a sweep that finds it", lambda: Ticker(parts).sweep() == 1, 5)  # Zendesk's tickets rest for a second
        run.settle(20)

        assert stored == 1
        assert_written_once(run, delivery.ticket)
        assert writing_runs(run, delivery.ticket) == 1
