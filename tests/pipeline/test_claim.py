"""Several worker processes on one PostgreSQL: each ticket is claimed once, and they seldom reach for the same one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.ticket import TicketKey, TicketKind
from bot.store import tickets
from bot.store.database.engine import make_engine
from tests.harness.nursery import Nursery
from tests.harness.nursery import wait as wait_child

pytestmark = pytest.mark.both_storages

WORKERS = 4
COUNT = 160
LOST_MOST = 0.4  # without sharing out, three of four claims would be in vain


def test_four_processes_share_the_tickets_out(tmp_path: Path, postgres_url: str, nursed: Nursery) -> None:
    engine, first = make_engine(postgres_url), TicketKey("acme", TicketKind.TICKET, "1")
    with engine.begin() as connection:
        for number in range(COUNT):
            tickets.mark_dirty(connection, replace(first, external_id=str(number)), datetime.now(UTC))

    logs = [tmp_path / f"{number}.log" for number in range(WORKERS)]
    workers = [nursed.start("tests.pipeline.claiming_workers", postgres_url, log.stem, log=log) for log in logs]
    codes = [wait_child(each, 100) for each in workers]
    tried, won = (sum(column) for column in zip(*(map(int, log.read_text().split()) for log in logs), strict=True))

    assert codes == [0] * WORKERS
    assert won == COUNT
    assert (tried - won) / tried < LOST_MOST
    with engine.begin() as connection:
        assert tickets.unfinished(connection) == 0
    engine.dispose()
