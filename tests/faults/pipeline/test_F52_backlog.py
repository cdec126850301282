"""F52: all workers were down, and thousands of tickets wait. Each is read as it is now, worked on once, and within the calls that
a ticket may cost. Scaled: 12 tickets in place of 5 000."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import delivery_states, each_helpdesk, outage, written
from tests.harness.deskhand import ANNA, delivered, deskhand

COUNT = 12
CALLS = {"zendesk": 4, "intercom": 7, "freshdesk": 5}  # a ticket, everything of the rule included, caches warm


@pytest.mark.timeout(300)
@each_helpdesk
def test_F52_a_backlog_is_worked_off_ticket_by_ticket(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        outage(run)
        run.settle()  # the caches are warm
        waiting = [outage(run) for _ in range(COUNT)]
        for ticket in waiting[::2]:
            run.desk.customer_reply(ticket, "Still down.")
        stale = waiting[5]
        run.desk.agent_update(stale, agent=ANNA, status="solved")
        delivered(run.desk)
        before = len(run.desk.effects.calls())
        run.settle(120)

        assert [written(run, ticket) for ticket in waiting if ticket != stale] == [1] * (COUNT - 1)
        assert run.view(stale).status == "solved"
        assert set(delivery_states(run)) <= {"done", "ignored"}
        assert (len(run.desk.effects.calls()) - before) / COUNT <= CALLS[provider]
