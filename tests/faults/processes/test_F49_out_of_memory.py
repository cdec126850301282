"""F49: one ticket makes its worker run out of memory, and the kernel kills the worker. After three such deaths it waits for a
person; the others are worked on meanwhile.

The child takes memory up to a limit of its own (RLIMIT_AS) and then does to itself what the kernel would.
"""

from __future__ import annotations

import signal
from pathlib import Path

from tests.faults.common import assert_written_once, burnt, outage, set_aside, written
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery, wait
from tests.harness.processes import nursed_child, wait_for


def test_F49_the_ticket_is_set_aside_and_the_others_are_done(tmp_path: Path, nursed: Nursery) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        hungry, other = outage(run), outage(run)
        arguments = ("--config", str(run.config.path), "--at", "hydrated", "--do", "starve", "--ticket", hungry)

        for crashes in (1, 2, 3):
            with nursed_child(nursed, tmp_path, "tests.faults.worker_process", *arguments) as child:
                assert wait(child, 60) == -signal.SIGKILL
            assert burnt(run, hungry)[1] == crashes
            run.end_leases()
        with nursed_child(nursed, tmp_path, "tests.faults.worker_process", *arguments) as child:
            wait_for("the end of it", lambda: run.key(hungry) in set_aside(run) and bool(written(run, other)))
            assert child.poll() is None
        run.settle(60)

        assert set_aside(run) == {run.key(hungry): "3 workers died on this ticket"}
        assert written(run, hungry) == 0
        assert_written_once(run, other)
