"""F47: events arrive in another order than they happened, the oldest last. What counts is the ticket as it is when it is read;
an old event that comes late finds nothing changed and ends as ignored, with that reason."""

from __future__ import annotations

from pathlib import Path

from bot.store import tickets
from bot.store.database.engine import reading
from tests.faults.common import delivery_states, each_helpdesk, outage, writes_sent, written
from tests.faults.manual_delivery import deliver, held_back
from tests.harness.deskhand import ANNA, deskhand


@each_helpdesk
def test_F47_the_newest_state_is_what_is_worked_on(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle(60)
        with held_back(run) as deliveries:
            run.desk.customer_reply(ticket, "Still down.")
            run.desk.agent_update(ticket, agent=ANNA, team="Billing")

        sent = []
        for delivery in reversed(deliveries):
            assert deliver(run, [delivery]) in ([200], [202])
            run.settle(60)
            sent.append(len(writes_sent(run, ticket)))

        view = run.view(ticket)
        assert view.team == "Billing"
        assert (run.priority(ticket), "vip-outage" in view.tags) == ("urgent", True)
        assert written(run, ticket) == 2  # one for each message of the customer's
        assert len(set(sent)) == 1  # the newest event showed all; what came late changed nothing
        with reading(run.parts.engine) as connection:
            snapshot, _ = tickets.snapshot(connection, run.key(ticket))
        assert snapshot is not None
        assert [message.body_text for message in snapshot.messages if message.is_from_customer][-1] == "Still down."
        assert set(delivery_states(run)) <= {"done", "ignored"}
        late = [row for row in run.newest_runs(ticket) if not row["plan"]]
        assert {row["reason"] for row in late} <= {"nothing changed"}
