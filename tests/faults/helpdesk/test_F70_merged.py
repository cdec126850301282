"""F70: the ticket was merged into another. It ends there, and nothing is written to it; the other one has its own events.

Freshdesk does not tell that a ticket was merged: it is closed and has a note of the agent's, and is treated as that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import each_helpdesk, outage, set_aside, writes_sent
from tests.harness.deskhand import ANNA, NINA, deskhand


@pytest.mark.parametrize("provider", ["zendesk", "intercom"])
def test_F70_a_merged_ticket_ends_as_merged(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        target = run.desk.create_ticket(requester=NINA, subject="Thanks", body="All is well.")
        run.settle(60)
        ticket = outage(run)
        run.desk.merge(ticket, target, agent=ANNA)
        run.settle(60)

        assert not writes_sent(run, ticket)
        assert "merged" in run.newest_runs(ticket)[-1]["reason"]
        assert not set_aside(run)


@each_helpdesk
def test_F70_a_merge_between_two_of_our_runs_brings_no_further_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        target = run.desk.create_ticket(requester=NINA, subject="Thanks", body="All is well.")
        ticket = outage(run)
        run.settle(60)
        before = len(run.view(ticket).bot_notes)

        run.desk.merge(ticket, target, agent=ANNA)
        run.settle(60)

        assert len(run.view(ticket).bot_notes) == before == 1
        assert not run.view(ticket).bot_replies
        assert not set_aside(run)
