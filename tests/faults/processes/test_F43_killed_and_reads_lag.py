"""F43: as F42, and the helpdesk's reads lag behind. The settle time covers the lag: the note is not there, then it is.

Scaled: reads lag 1.5 s behind a settle time of 3 s (in production 10).
"""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once, each_helpdesk, outage
from tests.faults.processes.test_F42_killed_after_the_commit import kill_at_the_note
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery

FLOW = {"settle_s": 3.0}


@each_helpdesk
def test_F43_a_note_that_shows_late_is_not_written_twice(tmp_path: Path, provider: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        kill_at_the_note(run, ticket, nursed, tmp_path, stale_s=1.5)
        run.settle(60)

        assert any(each.fault == "stale_read" for each in run.desk.effects.calls(ticket))
        assert_written_once(run, ticket)
