"""F77: the helpdesk's clock is ten minutes off. What is compared are the helpdesk's own stamps: nothing is lost or doubled.

Webhooks with a signed time that far off are refused (F04); the poll finds their tickets.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.stories.config import SECRETS
from tests.faults.common import assert_written_once, each_helpdesk
from tests.harness.deskhand import ANNA, DESKS, NINA, Running, deskhand


@each_helpdesk
@pytest.mark.parametrize("minutes", [10, -10])
def test_F77_a_ticket_is_found_written_once_and_answered_once(tmp_path: Path, provider: str, minutes: int) -> None:
    desk = DESKS[provider](
        secret=SECRETS[provider], time_scale=0.001, clock=lambda: datetime.now(UTC) + timedelta(minutes=minutes)
    )
    with deskhand(tmp_path, provider, desk=desk) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        find(run)
        assert_written_once(run, ticket)

        method, path = ("PUT", "/tickets/") if provider == "zendesk" else ("POST", "/reply|/parts")
        run.desk.faults.order("reset_after_commit", method=method, path=path)
        time.sleep(1.1)  # stamps count whole seconds: a word in the second of the note's own would wait for the next poll
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        find(run)
        find(run)

        view = run.view(ticket)
        assert len(view.bot_replies) == 1
        assert len(view.bot_notes) == 2  # the draft, and that it was sent
        assert "waiting" not in {row["state"] for row in run.newest_runs(ticket)}
        find(run)  # nothing that is found again is written again
        assert len(run.view(ticket).messages) == len(view.messages)


def find(run: Running) -> None:
    run.poll()
    run.settle(60)
