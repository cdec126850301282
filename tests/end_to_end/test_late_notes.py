"""Two equal notes of ours: each helpdesk is made to apply a note later than the settle time, and Deskhand finds it by itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli import main
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import deliveries
from bot.store import duplicate_notes as stored
from bot.store.database.engine import reading
from sandbox.deliver import Trouble
from tests.harness.deskhand import NINA, PROVIDERS, Running, deskhand

pytestmark = pytest.mark.both_storages

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


class AheadClock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def tick_due(run: Running) -> int:
    parts = TickerParts(config=run.config, engine=run.parts.engine, bell=run.parts.bell, clock=run.parts.clock, owner="due")
    return Ticker(parts).bring_due()


def found_in(run: Running) -> int:
    with reading(run.parts.engine) as connection:
        return stored.count(connection)


def note_sent_again(run: Running) -> str:
    """A ticket whose note was sent again, its answer being lost; the helpdesk applies the first one when told to (`land`)."""
    run.desk.faults.order("late_apply", method="PUT" if run.provider == "zendesk" else "POST", path=NOTE, waits=True)
    ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
    run.settle()
    assert len(run.view(ticket).bot_notes) == 1
    return ticket


NOTE = r"/notes|/reply|/api/v2/tickets/\d+(\.json)?$"


@each_helpdesk
def test_a_note_that_lands_after_it_was_sent_again_is_counted_without_any_further_event(tmp_path: Path, provider: str) -> None:
    clock = AheadClock()
    with deskhand(tmp_path, provider, flow={"settle_s": 0.2}, clock=clock) as run:
        ticket = note_sent_again(run)
        run.desk.webhooks.trouble = Trouble(drop=1.0)  # the note that comes now is told by nobody
        assert run.desk.faults.land() == 1
        assert found_in(run) == 0

        clock.ahead = timedelta(seconds=12.5)  # both times have come
        assert tick_due(run) == 2
        run.settle()

        doubled = len(run.view(ticket).bot_notes) - 1
        assert doubled == (0 if provider == "zendesk" else 1)  # Zendesk's conditional write refuses the late one
        assert found_in(run) == doubled


def test_a_double_is_counted_once_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clock = AheadClock()
    with deskhand(tmp_path, "freshdesk", flow={"settle_s": 0.2}, clock=clock) as run:
        ticket = note_sent_again(run)
        assert run.desk.faults.land() == 1
        clock.ahead = timedelta(seconds=1)
        for _ in range(2):
            tick_due(run)
            run.settle()
            clock.ahead = timedelta(seconds=20)
        run.desk.customer_reply(ticket, "Is anybody there?")
        run.settle()

        assert found_in(run) == 1
        with reading(run.parts.engine) as connection:
            assert not deliveries.backlog(connection)
        capsys.readouterr()
        said = command(capsys, "runs", "--ticket", str(run.key(ticket)), "--config", str(run.config.path))
        assert sorted(len(json.loads(line)["doubled_notes"]) for line in said.splitlines())[-2:] == [0, 1]
        assert f"ok  doubled notes: 1 found, the last in {run.key(ticket)}" in command(
            capsys, "doctor", "--config", str(run.config.path)
        )


def command(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 0
    said = capsys.readouterr()
    return said.out or said.err


@each_helpdesk
def test_a_note_that_was_sent_once_brings_no_check(tmp_path: Path, provider: str) -> None:
    clock = AheadClock()
    with deskhand(tmp_path, provider, clock=clock) as run:
        run.desk.faults.order("429", path=NOTE, retry_after=1)
        run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()
        clock.ahead = timedelta(hours=1)

        assert tick_due(run) == 0
