"""F67: the ticket is deleted, before it is read or while we write. That is the end of it: no retries, nobody is bothered."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import delivery_states, each_helpdesk, let_time_pass, outage, set_aside, work_once, written
from tests.harness.deskhand import Running, deskhand


def assert_quiet_end(run: Running, ticket: str) -> None:
    assert not set_aside(run)
    assert set(delivery_states(run)) <= {"done", "ignored"}
    calls = len(run.desk.effects.calls(ticket))
    run.settle(60)
    assert len(run.desk.effects.calls(ticket)) == calls


@each_helpdesk
def test_F67_a_ticket_that_was_deleted_is_read_once_and_left(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.desk.delete(ticket)
        run.settle(60)

        assert_quiet_end(run, ticket)
        assert not run.desk.effects.effects()
        assert run.newest_runs(ticket)[-1]["reason"] in ("gone", "nothing is written: the ticket is deleted")


@each_helpdesk
def test_F67_a_ticket_that_is_deleted_before_our_first_write_gets_none(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)

        def delete(method: str, path: str) -> None:
            if method in ("PUT", "POST") and ticket in path and not run.view(ticket).is_deleted:
                run.desk.delete(ticket)

        run.desk.faults.before_call(delete)
        run.settle(60)

        assert run.view(ticket).is_deleted
        assert written(run, ticket) == 0
        assert_quiet_end(run, ticket)
        assert "gone" in {row["reason"] for row in run.newest_runs(ticket)}


@each_helpdesk
def test_F67_a_ticket_that_is_deleted_while_a_write_is_unknown_is_left(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow={"settle_s": 3.0}) as run:
        ticket = outage(run)
        method = "POST" if provider == "intercom" else "PUT"
        run.desk.faults.order("reset_before", path="/conversations/|/tickets/", method=method)

        work_once(run, ticket)
        run.desk.delete(ticket)
        let_time_pass(run)
        run.settle(60)

        assert_quiet_end(run, ticket)
        assert written(run, ticket) == 0
