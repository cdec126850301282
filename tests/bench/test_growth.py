"""What is kept of a ticket, on a small sample; `python -m bench P21` measures more of it."""

from __future__ import annotations

from bench.growth import ONCE, kept, ordinary
from bot.store.database.schema import metadata

REACHED_KB = 60.0  # P21's goal is less, and not reached: this much must not come back


def test_a_ticket_of_three_runs_takes_no_more_room_than_was_reached() -> None:
    found = kept("freshdesk", lambda run: ordinary(run, 3), 3)

    assert found.runs >= 9
    assert found.kb <= REACHED_KB, str(found)
    assert {"runs", "ticket_texts", "rule_state", "deliveries", "tickets"} <= found.tables.keys() <= metadata.tables.keys() - ONCE
