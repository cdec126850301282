"""What chaos found about clocks: a write of unknown outcome that was sent while ours was a day ahead is settled all the same."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.faults import Fault
from sandbox.stories.config import SECRETS
from tests.harness.deskhand import DESKS, NINA, PROVIDERS, delivered, deskhand

WRITES = {"zendesk": "PUT", "intercom": "POST", "freshdesk": "PUT"}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_unknown_outcome_of_tomorrow_is_settled_today(tmp_path: Path, provider: str) -> None:
    ahead = [timedelta(0)]  # the door's clock is right: it would refuse what seems old
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001)
    clock = lambda: datetime.now(UTC) + ahead[0]  # noqa: E731
    with deskhand(tmp_path, provider, desk=desk, clock=clock, flow={"settle_s": 4.0}) as run:
        run.desk.faults.add(Fault("reset_before", method=WRITES[provider], path=r"tickets/\d+$|/conversations/\d+/"))
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        delivered(run.desk)
        ahead[0] = timedelta(days=1)
        with contextlib.suppress(TimeoutError):
            run.settle(3.0)  # sent, with an answer that got lost
        assert any(each.state == "unknown" and each.sent_at and each.sent_at > datetime.now(UTC) for each in run.requests(ticket))

        ahead[0] = timedelta(0)
        run.settle(15)

        assert len(run.view(ticket).bot_notes) == 1
        assert all(each.state in ("confirmed", "replaced") for each in run.requests(ticket))
