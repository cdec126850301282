"""A machine whose clock is wrong deletes nothing and lets no time come; signed deliveries are put off and not refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import due
from bot.store.database.engine import reading
from bot.store.database.schema import runs
from sandbox.stories.config import SECRETS
from tests.end_to_end.test_scheduler import Clock, CountingBell
from tests.harness.deskhand import DESKS, NINA, Running, delivered, deskhand


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[tuple[Running, Clock]]:
    """A ticket that was worked on, and a clock of Deskhand's alone: the helpdesk's stays right."""
    clock, right = Clock(), Clock()
    desk = DESKS["zendesk"](secret=SECRETS["zendesk"], time_scale=0.001, clock=right)
    with deskhand(tmp_path, "zendesk", clock=clock, desk=desk) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        run.settle()
        with run.parts.engine.begin() as connection:
            due.add_due(connection, run.key(ticket), clock() + timedelta(hours=20), "follow_up", {"rule": "r", "text": "Solved?"})
        yield run, clock


def ticker(run: Running, clock: Clock, owner: str) -> Ticker:
    parts = TickerParts(config=run.config, engine=run.parts.engine, bell=CountingBell(), clock=clock, owner=owner)
    made = Ticker(parts)
    made.tick()
    made.tick()  # the first one polled, and heard what time it is there
    return made


def facts_kept(run: Running) -> int:
    with reading(run.parts.engine) as connection:
        return int(connection.execute(select(func.count()).where(runs.c.facts_packed.is_not(None))).scalar_one())


def waits(run: Running) -> int:
    with reading(run.parts.engine) as connection:
        return len(due.due_now(connection, datetime.now(UTC) + timedelta(days=800)))


def test_a_clock_that_is_a_year_ahead_deletes_nothing(worked: tuple[Running, Clock]) -> None:
    run, clock = worked
    before = facts_kept(run)
    ticker(run, clock, "right").tick()

    clock.ahead = timedelta(days=410)
    wrong = ticker(run, clock, "right")
    for _ in range(60):
        wrong.tick()

    assert before == facts_kept(run) > 0
    assert waits(run) == 1


def test_a_machine_that_was_off_for_a_week_goes_on_when_a_helpdesk_has_said_the_time(worked: tuple[Running, Clock]) -> None:
    run, clock = worked
    ticker(run, clock, "before").tick()

    clock.ahead = timedelta(days=7)
    run.desk.date_ahead_s = clock.ahead.total_seconds()
    ticker(run, clock, "before")

    assert waits(run) == 0


def test_a_signed_delivery_that_looks_old_is_put_off(worked: tuple[Running, Clock]) -> None:
    run, clock = worked
    ticket = run.desk.ids()[0]
    run.desk.date_ahead_s = -1200.0  # this machine is twenty minutes ahead of the world
    run.parts.helpdesk(run.config.settings.accounts[0]).hydrate(run.key(ticket))
    clock.ahead = timedelta(minutes=20)

    run.desk.customer_reply(ticket, body="Still down.")
    delivered(run.desk)

    statuses = {attempt.status for attempt in run.desk.webhooks.attempts}
    assert 503 in statuses
    assert 401 not in statuses
