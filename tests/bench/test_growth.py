"""What is kept of a ticket, on a small sample; `python -m bench P21` measures more of it."""

from __future__ import annotations

from bench.growth import GOAL_KB, ONCE, kept, ordinary
from bot.store.database.schema import metadata


def test_a_ticket_of_three_runs_takes_no_more_room_than_the_goal() -> None:
    found = kept("freshdesk", lambda run: ordinary(run, 3), 3)

    assert found.runs >= 9
    assert found.kb <= GOAL_KB, str(found)
    assert {"runs", "ticket_texts", "rule_state", "deliveries", "tickets"} <= found.tables.keys() <= metadata.tables.keys() - ONCE
