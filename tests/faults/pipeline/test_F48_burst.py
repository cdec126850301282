"""F48: two hundred events for one ticket in a second. Three runs at most, and nobody else waits behind them."""

from __future__ import annotations

import threading
from pathlib import Path

import worker
from tests.faults.common import delivery_states, each_helpdesk, let_time_pass, outage
from tests.faults.manual_delivery import deliver, held_back
from tests.harness.deskhand import NINA, Running, delivered, deskhand
from tests.harness.processes import has_no_work, wait_for

COUNT = 200
FLOW = {"rest_s": 60.0}  # in production 2: here the burst may take longer than a second, and the rest is cut short by hand


@each_helpdesk
def test_F48_a_burst_costs_three_runs_and_holds_up_nobody(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        with held_back(run) as burst:
            ticket = outage(run)
            for number in range(COUNT // 2):
                run.desk.customer_reply(ticket, f"Still down, {number}.")
        with held_back(run) as others:
            waiting = [run.desk.create_ticket(requester=NINA, subject="Export", body="How?") for _ in range(4)]
        burst = (burst * COUNT)[:COUNT] if len(burst) < COUNT else burst[:COUNT]
        stop = threading.Event()
        working = threading.Thread(target=worker.work_embedded, args=(run.parts, stop))
        working.start()
        try:
            half = COUNT // 2
            statuses = deliver(run, burst[:half], at_once=4) + deliver(run, others) + deliver(run, burst[half:], at_once=4)
            wait_for("the others' notes", lambda: all(run.view(each).bot_notes for each in waiting))
            before_the_rest = len(run.newest_runs(ticket))
            delivered(run.desk)
            wait_for("the end of its work", lambda: _is_over(run), every_s=0.2)
        finally:
            stop.set()
            working.join()

        assert set(statuses) <= {200, 202}
        assert before_the_rest <= 2  # the others did not wait for the burst to be over
        assert len(run.newest_runs(ticket)) <= 3
        assert set(delivery_states(run)) <= {"done", "ignored"}
        assert len(run.view(ticket).bot_notes) <= 2


def _is_over(run: Running) -> bool:
    if has_no_work(run):
        return True
    let_time_pass(run)
    return False
