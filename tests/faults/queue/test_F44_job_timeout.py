"""F44: RQ's time for a job is up in the middle of a write. Nobody knows whether it landed, so the ticket is asked first.

By RQ's own means (a signal that raises in the main thread), in this process: the time is up once the helpdesk has the request.
"""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from bot.process.failpoints import Name
from tests.faults.common import assert_written_once, blind_repeats, each_helpdesk, outage, work_once, writes_sent
from tests.harness.deskhand import Running, deskhand
from tests.harness.servers import wait_for

HANGS_S = 4.0
SLOW_S = 60.0  # until a busy machine has sent the request


@each_helpdesk
@pytest.mark.parametrize("has_landed", [True, False], ids=["landed", "lost"])
def test_F44_a_write_that_was_cut_off_is_looked_for(tmp_path: Path, provider: str, has_landed: bool) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        for method in ("PUT", "POST"):
            run.desk.faults.order("hang", method=method, path="/conversations/|/tickets/", seconds=HANGS_S, commit=has_landed)

        work_under_a_job_timeout(run, ticket)
        run.desk.faults.reset()
        run.settle(60)

        assert any(each.fault == "hang" for each in writes_sent(run, ticket))
        assert not blind_repeats(run, ticket)
        assert_written_once(run, ticket)


def work_under_a_job_timeout(run: Running, ticket: str) -> None:
    """One claim whose job's time ends while the helpdesk leaves its first request without an answer."""
    penalty = UnixSignalDeathPenalty(int(SLOW_S), JobTimeoutException, job_id="job-1")  # type: ignore[no-untyped-call]
    armed: list[threading.Thread] = []

    def end_the_time() -> None:
        wait_for("the request that hangs", lambda: any(each.fault == "hang" for each in writes_sent(run, ticket)), SLOW_S)
        signal.setitimer(signal.ITIMER_REAL, 0.05)  # RQ's own clock

    def reached(name: Name) -> None:
        if name == "intent_stored" and not armed:
            penalty.setup_death_penalty()  # type: ignore[no-untyped-call]
            armed.append(threading.Thread(target=end_the_time))
            armed[0].start()

    run.parts.checkpoint = reached
    try:
        work_once(run, ticket)
    finally:
        penalty.cancel_death_penalty()  # type: ignore[no-untyped-call]
    assert armed
    armed[0].join()
    run.parts.checkpoint = lambda name: None
