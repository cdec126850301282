"""A ticket that people had closed before we met it is left alone, whether or not its helpdesk would take a write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.deskhand import ANNA, NINA, PROVIDERS, Running, deskhand

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


def met_late(run: Running, status: str | None) -> tuple[str, int]:
    """A ticket that only the poll tells of, after an agent set `status`, and how much had happened by then."""
    run.desk.webhooks.target = None
    ticket = run.desk.create_ticket(requester=NINA, subject="Everything is down", body="Nothing works.")
    if status is not None:
        run.desk.agent_update(ticket, agent=ANNA, status=status)
    effects = len(run.desk.effects.effects())
    run.poll()
    return ticket, effects


@each_helpdesk
@pytest.mark.parametrize("status", ["closed", "solved"])
def test_what_was_over_before_it_was_met_is_left_alone(tmp_path: Path, provider: str, status: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket, effects = met_late(run, status)
        run.settle()

        assert run.desk.effects.effects()[effects:] == []
        [met] = run.newest_runs(ticket)
        assert met["reason"].startswith("nothing is written: the ticket ")


@each_helpdesk
def test_what_is_open_when_it_is_met_is_written(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket, _ = met_late(run, None)
        run.settle()

        assert "vip-outage" in run.view(ticket).tags


@each_helpdesk
def test_a_ticket_that_we_know_is_written_also_when_it_is_solved(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Hello", body="Nothing is wrong.")
        run.settle()
        run.desk.agent_update(ticket, agent=ANNA, status="solved")
        run.settle()

        assert not any("before it was met" in row["reason"] for row in run.newest_runs(ticket))
