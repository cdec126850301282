"""F41: a worker is killed at a named checkpoint. Here one ticket meets every one of them: each worker that takes it over is
killed one checkpoint further on. tests/process/test_failpoints.py has each checkpoint by itself, on both databases and queues.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.process import failpoints
from tests.faults.common import assert_written_once, each_helpdesk, outage
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.processes import has_no_work, work_in_a_child

ON_THE_WAY = [name for name in failpoints.NAMES if name not in ("received", "stored", "finished")]
FLOW = {"settle_s": 0.5, "max_crashes": 50}


@pytest.mark.timeout(300)
@each_helpdesk
def test_F41_a_ticket_whose_workers_all_die_is_written_once(tmp_path: Path, provider: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)

        killed = [name for name in ON_THE_WAY if not has_no_work(run) and work_in_a_child(nursed, run, name)]
        run.settle(60)

        assert {"claimed", "hydrated", "decided", "drafted", "plan_stored", "intent_stored", "request_sent"} <= {*killed}
        assert_written_once(run, ticket)
