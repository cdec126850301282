"""F69: the ticket is closed for good and takes nothing more. Tag and note are left out with that word, and not tried again."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import outage, set_aside, writes_sent, written
from tests.harness.deskhand import ANNA, deskhand


def test_F69_a_ticket_that_was_closed_before_the_read_gets_no_write(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = outage(run)
        run.desk.agent_update(ticket, agent=ANNA, status="closed")
        run.settle(60)

        assert not writes_sent(run, ticket)
        assert "closed" in run.newest_runs(ticket)[-1]["reason"]
        assert not set_aside(run)


def test_F69_a_ticket_that_is_closed_before_the_write_refuses_it_once(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = outage(run)

        def close(method: str, path: str) -> None:
            if method == "PUT" and run.view(ticket).status != "closed":
                run.desk.agent_update(ticket, agent=ANNA, status="closed")

        run.desk.faults.before_call(close)
        run.settle(60)

        assert len(writes_sent(run, ticket)) <= 2
        assert written(run, ticket) == 0
        assert any("closed" in row["reason"] for row in run.newest_runs(ticket))
        assert not set_aside(run)
