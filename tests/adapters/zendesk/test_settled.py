"""A Zendesk ticket is read in a later second than that of its newest change, by Zendesk's clock and not by ours."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from adapters.ticket import TicketKey, TicketKind
from sandbox.zendesk import ZendeskDesk
from tests.adapters.ground import ANNA, OTTO, Ground, ground_of
from tests.adapters.test_contract import BENCHES

MINUTES = (0, 10, -10)


@pytest.mark.parametrize("ahead_minutes", MINUTES)
def test_a_change_in_the_second_of_the_read_is_waited_out_whatever_the_clocks_say(ahead_minutes: int) -> None:
    with ground_of(BENCHES["zendesk"]()) as ground:
        _set_clock(ground, timedelta(minutes=ahead_minutes))
        ticket = ground.desk.create_ticket(requester=OTTO, subject="Down", body="All of it.")

        def edit(method: str, path: str) -> None:
            time.sleep(1.1 - time.time() % 1)  # early in a second, so that edit and answer fall into the same
            ground.desk.agent_update(ticket, agent=ANNA, tags_add=["seen"])

        ground.desk.faults.before_call(edit, times=1)
        read = ground.helpdesk.hydrate(TicketKey("main", TicketKind.TICKET, ticket))
        after = ground.desk.clock()

        assert read.updated_at is not None
        assert after >= read.updated_at + timedelta(seconds=1)
        assert "seen" in read.tags
        assert _reads(ground, ticket) == 2


@pytest.mark.parametrize("ahead_minutes", MINUTES)
def test_an_older_ticket_is_read_once(ahead_minutes: int) -> None:
    with ground_of(BENCHES["zendesk"]()) as ground:
        _set_clock(ground, timedelta(minutes=ahead_minutes))
        ticket = ground.desk.create_ticket(requester=OTTO, subject="Down", body="All of it.")
        _set_clock(ground, timedelta(minutes=ahead_minutes, seconds=2))

        ground.helpdesk.hydrate(TicketKey("main", TicketKind.TICKET, ticket))

        assert _reads(ground, ticket) == 1


def _set_clock(ground: Ground, ahead: timedelta) -> None:
    assert isinstance(ground.desk, ZendeskDesk)
    ground.desk.clock = lambda: datetime.now(UTC) + ahead


def _reads(ground: Ground, ticket: str) -> int:
    return len([each for each in ground.desk.effects.calls(ticket) if each.pattern.endswith("/tickets/<ticket_id>")])
