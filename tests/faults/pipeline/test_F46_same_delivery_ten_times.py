"""F46: one delivery arrives ten times at once. One row, one set of writes, one run (a second look where the body has no id)."""

from __future__ import annotations

from pathlib import Path

from bot.intake.inbox import WAIT_S
from sandbox.deliver import Trouble
from tests.faults.common import assert_written_once, delivery_states, each_helpdesk, outage
from tests.harness.deskhand import deskhand


@each_helpdesk
def test_F46_ten_copies_give_one_row_and_one_set_of_writes(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.webhooks.trouble = Trouble(duplicate=10)
        ticket = outage(run)
        attempts = list(run.desk.webhooks.attempts)
        # What a stalled disk had the receiver put off comes again and is no copy more; nothing is put off without having waited.
        put_off = [each for each in attempts if each.status == 503]
        taken = [each.delivery.body for each in attempts if each.status != 503]
        stored = sum(delivery_states(run).values())
        run.desk.webhooks.trouble = Trouble()
        run.settle(60)

        assert all(each.took_s >= WAIT_S for each in put_off)
        assert len(taken) == 10 * len(set(taken))
        assert stored == len(taken) / 10
        assert_written_once(run, ticket)
        assert len([row for row in run.newest_runs(ticket) if row["is_writing"]]) == 1
        assert len(run.newest_runs(ticket)) <= (3 if provider == "freshdesk" else 2)
