"""F42: killed after the helpdesk applied the note and before its answer was read. The note is found, not repeated."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.faults.common import assert_written_once, each_helpdesk, outage, written
from tests.harness.deskhand import Running, deskhand
from tests.harness.nursery import Child, Nursery
from tests.harness.processes import nursed_child, wait_for

FLOW = {"settle_s": 0.5}


def kill_at_the_note(run: Running, ticket: str, nursed: Nursery, folder: Path, stale_s: float = 0.0) -> None:
    """A worker writes the note, and is gone before the helpdesk has answered. `stale_s`: from then on reads lag behind."""
    killed: list[Child] = []

    def strike(method: str, path: str, status: int) -> None:
        if not killed and written(run, ticket):
            child.signal(signal.SIGKILL, group=True)
            killed.append(child)
            if stale_s:
                run.desk.faults.order("stale_read", seconds=stale_s, times=None)

    run.desk.faults.after_call(strike)
    with nursed_child(nursed, folder, "worker", "--no-ticker", "--config", str(run.config.path)) as child:
        wait_for("its end", lambda: child.poll() is not None)
        assert child.poll() == -signal.SIGKILL
    assert killed
    run.end_leases()


@each_helpdesk
def test_F42_the_note_that_was_written_is_found_and_stands_alone(tmp_path: Path, provider: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        kill_at_the_note(run, ticket, nursed, tmp_path)
        sent = [each for each in run.requests(ticket) if each.request.marker]
        run.settle(60)

        assert [each.state for each in sent] == ["sent"]
        assert_written_once(run, ticket)
        [found] = [each for each in run.requests(ticket) if each.request.marker]
        assert (found.state, found.attempts, found.external_id) == ("confirmed", 1, run.view(ticket).bot_notes[0].id)
