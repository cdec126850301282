"""F53: the sweep has read that a ticket waits, and a worker finishes it before the bell rings. Finished stays finished."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from adapters.ticket import TicketKey
from bot.pipeline.claim import run_ticket
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import due
from tests.faults.common import assert_written_once, delivery_states, each_helpdesk, let_time_pass, outage
from tests.harness.deskhand import Running, delivered, deskhand


class LateBell:
    """Rings when the ticket has been worked on already, and whoever hears it tries at once."""

    def __init__(self, run: Running) -> None:
        self._run = run
        self.heard: list[bool] = []

    def ring(self, key: TicketKey) -> bool:
        self._run.settle(60)
        self.heard.append(run_ticket(key, self._run.parts))
        return True

    def ring_all(self, keys: Sequence[TicketKey]) -> bool:
        for key in keys:
            self.ring(key)
        return True


def ticker(run: Running, owner: str = "ticker-1", bell: LateBell | None = None) -> Ticker:
    return Ticker(
        TickerParts(config=run.config, engine=run.parts.engine, bell=bell or run.parts.bell, clock=run.parts.clock, owner=owner)
    )


@each_helpdesk
def test_F53_a_bell_for_a_finished_ticket_does_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket, bell = outage(run), LateBell(run)

        let_time_pass(run)
        assert ticker(run, bell=bell).sweep() == 1
        delivered(run.desk)

        assert bell.heard == [False]
        assert set(delivery_states(run)) <= {"done", "ignored"}
        assert_written_once(run, ticket)


def test_F53_two_tickers_make_one_event_of_a_due_time(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        ticket = outage(run)
        run.settle(60)
        with run.parts.engine.begin() as connection:
            past = run.parts.clock() - timedelta(seconds=1)
            due.add_due(connection, run.key(ticket), past, "follow_up", {"rule": "r1", "text": "Call them."})

        both = [threading.Thread(target=ticker(run, name).bring_due) for name in ("a", "b")]
        for each in both:
            each.start()
        for each in both:
            each.join()
        run.settle(60)

        assert len([note for note in run.view(ticket).bot_notes if "Call them." in note.text]) == 1


@each_helpdesk
def test_F53_many_workers_at_one_ticket_make_one_run(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        crowd = [threading.Thread(target=run_ticket, args=(run.key(ticket), run.parts)) for _ in range(6)]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()
        run.settle(60)

        assert_written_once(run, ticket)
        assert len([row for row in run.newest_runs(ticket) if row["is_writing"]]) == 1
