"""F65: 200 with half a body, a compression that is none, or a login page. That is no success: the ticket is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, blind_repeats, each_helpdesk, outage, work_once, writes_sent
from tests.harness.deskhand import deskhand

WRITES = ("PUT", "POST")
OF_A_TICKET = "/conversations/|/tickets/"


@each_helpdesk
@pytest.mark.parametrize("fault", ["truncate", "bad_gzip", "html_200"])
def test_F65_a_write_with_a_broken_answer_is_looked_for(tmp_path: Path, provider: str, fault: str) -> None:
    with deskhand(tmp_path, provider) as run:
        for method in WRITES:
            run.desk.faults.order(fault, method=method, path=OF_A_TICKET)

        ticket = outage(run)
        run.settle(60)

        assert any(each.fault == fault for each in writes_sent(run, ticket))
        assert not blind_repeats(run, ticket)
        assert_written_once(run, ticket)


@each_helpdesk
def test_F65_a_read_with_a_broken_answer_decides_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        for fault in ("truncate", "bad_gzip", "html_200"):
            run.desk.faults.order(fault, method="GET", path=OF_A_TICKET)

        work_once(run, ticket)
        assert not writes_sent(run, ticket)
        assert not any(row["plan"] for row in run.newest_runs(ticket))
        run.settle(60)

        assert_written_once(run, ticket)
