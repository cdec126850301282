"""F54: rows that cannot be worked on stand at the head of a sweep, more of them than it looks at. The others are swept all the
same, and each step of the ticker gets its turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, update

from adapters.ticket import TicketKey
from bot.scheduler.ticker import MAX_RINGS, Ticker, TickerParts
from bot.store import due, tickets
from bot.store.database import schema
from tests.faults.common import assert_written_once, outage
from tests.harness.deskhand import Running, deskhand

POISON = MAX_RINGS + 20


class CountingBell:
    def __init__(self) -> None:
        self.rung: list[TicketKey] = []

    def ring(self, key: TicketKey) -> bool:
        self.rung.append(key)
        return True

    def ring_all(self, keys: Sequence[TicketKey]) -> bool:
        self.rung += keys
        return True


def ticker(run: Running, bell: CountingBell) -> Ticker:
    parts = run.parts
    return Ticker(TickerParts(config=run.config, engine=parts.engine, bell=bell, clock=parts.clock, owner="ticker-1"))


def test_F54_tickets_that_nobody_can_read_do_not_fill_the_sweep(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        with run.parts.engine.begin() as connection:
            now = run.parts.clock()
            row = {"account": "freshdesk", "kind": "hologram", "dirty_seq": 1, "first_seen_at": now}
            connection.execute(insert(schema.tickets), [{**row, "external_id": str(n)} for n in range(POISON)])
        ticket, bell = outage(run), CountingBell()
        with run.parts.engine.begin() as connection:
            connection.execute(update(schema.tickets).where(schema.tickets.c.external_id == ticket).values(wake_at=1))

        assert ticker(run, bell).sweep() == 1
        assert bell.rung == [run.key(ticket)]
        with run.parts.engine.begin() as connection:
            connection.execute(schema.tickets.delete().where(schema.tickets.c.kind == "hologram"))
        run.settle(60)
        assert_written_once(run, ticket)


def test_F54_due_times_that_nobody_can_read_do_not_hold_up_the_others(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        ticket = outage(run)
        run.settle(60)
        key, past = run.key(ticket), run.parts.clock() - timedelta(hours=1)
        with run.parts.engine.begin() as connection:
            for number in range(POISON):
                due.add_due(connection, key, past - timedelta(seconds=number + 1), "follow_up", {"rule": "r1"})
            connection.execute(update(schema.due).values(payload="{broken"))
            due.add_due(connection, key, past, "follow_up", {"rule": "r1", "text": "Call them."})

        ticker(run, CountingBell()).tick()
        run.settle(60)

        assert [note for note in run.view(ticket).bot_notes if "Call them." in note.text]


def test_F54_a_step_that_fails_costs_the_others_nothing(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        key = run.key("42")
        with run.parts.engine.begin() as connection:
            tickets.mark_dirty(connection, key, run.parts.clock())
            due.add_due(connection, key, run.parts.clock(), "follow_up", {"rule": "r1", "text": "Call them."})
        made, bell = ticker(run, CountingBell()), CountingBell()

        def broken() -> int:
            raise RuntimeError("a row that nobody thought of")

        made.sweep = broken  # type: ignore[method-assign]
        made.tick()

        assert not bell.rung
        with run.parts.engine.begin() as connection:
            assert due.due_now(connection, run.parts.clock()) == []  # brought all the same
