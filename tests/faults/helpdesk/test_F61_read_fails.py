"""F61: a read that is answered with 500, 502, 503 or 504 is tried again shortly, and later; the ticket is written once."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once, burnt, each_helpdesk, outage, set_aside, work_once, writes_sent
from tests.harness.deskhand import deskhand


@each_helpdesk
def test_F61_a_short_trouble_costs_no_run(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        for status in ("500", "504"):
            run.desk.faults.order(status, method="GET")

        work_once(run, ticket)

        assert_written_once(run, ticket)
        [only] = run.newest_runs(ticket)
        assert only["state"] == "done"


@each_helpdesk
def test_F61_a_longer_trouble_is_waited_out_and_nothing_is_written_meanwhile(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        for status in ("500", "502", "503"):
            run.desk.faults.order(status, method="GET")

        work_once(run, ticket)
        assert burnt(run, ticket) == (1, 0)
        assert not writes_sent(run, ticket)
        run.settle(60)

        assert_written_once(run, ticket)
        assert burnt(run, ticket) == (0, 0)
        assert not set_aside(run)
