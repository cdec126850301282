"""F45: a worker is stopped (SIGSTOP) while it holds a ticket, another takes the ticket over, then the first wakes up.

Its lease is gone: the database refuses what it wants to record, and right before a write it asks its own clock, so that nothing
leaves. Scaled: a lease of 1 s in place of 15.
"""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, each_helpdesk, outage
from tests.harness.deskhand import Running, deskhand
from tests.harness.nursery import Child, Nursery
from tests.harness.processes import has_no_work, nursed_child, wait_for

FLOW = {"lease_s": 1.0, "settle_s": 0.5}


@each_helpdesk
@pytest.mark.parametrize("at", ["plan_stored", "intent_stored", "response_received"])
def test_F45_a_worker_that_slept_too_long_writes_nothing_more(tmp_path: Path, provider: str, at: str, nursed: Nursery) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        arguments = ("--config", str(run.config.path), "--at", at, "--do", "stop")
        with nursed_child(nursed, tmp_path, "tests.faults.worker_process", *arguments) as child:
            wait_for("its stop", lambda: is_stopped(child))
            run.settle(60)
            assert_written_once(run, ticket)
            sent = len(run.desk.effects.calls(ticket))

            child.signal(signal.SIGCONT)
            wait_for("its word", lambda: "run.lease_lost" in log_of(tmp_path))

        assert_written_once(run, ticket)
        assert not [each for each in run.desk.effects.calls(ticket)[sent:] if each.method != "GET"]
        assert has_no_work(run)


def is_stopped(child: Child) -> bool:
    return Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "T"


def log_of(folder: Path) -> str:
    return (folder / "tests.faults.worker_process.log").read_text(encoding="utf-8")


def test_F45_the_first_to_wake_does_not_undo_the_other(tmp_path: Path, nursed: Nursery) -> None:
    """Between the two the agent changed her mind: what the stopped worker planned is not written over it."""
    with deskhand(tmp_path, "freshdesk", flow=FLOW) as run:
        ticket = outage(run)
        arguments = ("--config", str(run.config.path), "--at", "intent_stored", "--do", "stop")
        with nursed_child(nursed, tmp_path, "tests.faults.worker_process", *arguments) as child:
            wait_for("its stop", lambda: is_stopped(child))
            run.settle(60)
            _lower(run, ticket)
            run.settle(60)

            child.signal(signal.SIGCONT)
            wait_for("its word", lambda: "run.lease_lost" in log_of(tmp_path))

        assert run.view(ticket).priority == "low"


def _lower(run: Running, ticket: str) -> None:
    run.desk.agent_update(ticket, agent="anna.agent@example.com", priority="low")
