"""Who claims a ticket, and how a claim ends where the database or the helpdesk is in its way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from adapters.ticket import TicketKey, TicketKind
from bot.pipeline import claim
from bot.pipeline.claim import run_ticket
from bot.store import dead_letters, tickets
from bot.store.database.engine import make_engine
from bot.store.database.schema import tickets as ticket_table
from tests.faults.common import assert_written_once, outage, set_aside
from tests.harness import storage
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery
from tests.harness.nursery import wait as wait_child
from tests.harness.servers import StoodStill
from tests.pipeline.taken_up import run

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


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, flow={"max_crashes": 2, "max_failures": 3})
    yield made
    made.close()


def row(bench: Bench, *columns: str) -> tuple[Any, ...]:
    with bench.engine.begin() as connection:
        return tuple(connection.execute(select(*(ticket_table.c[name] for name in columns))).one())


# the database away


GIVEN_BACK = "UPDATE tickets SET lease_owner=?, lease_boot"  # by a run that has not come to its end


class Outage:
    """The next `times` statements that begin with `words` fail as they do when the database is away."""

    def __init__(self, bench: Bench, words: str, times: int) -> None:
        self.words, self.left = words, times
        event.listen(bench.engine, "before_cursor_execute", self)

    def __call__(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if self.left and statement.startswith(self.words):
            self.left -= 1
            raise OperationalError(statement, {}, Exception("the database is away"))


def test_a_lease_is_given_back_when_the_database_comes_back(bench: Bench) -> None:
    bench.desk.read_faults.append("denied")
    outage = Outage(bench, GIVEN_BACK, 2)

    assert run(bench)

    assert outage.left == 0
    assert row(bench, "crashes", "failures", "lease_owner") == (0, 0, "")


def test_an_end_that_could_not_be_recorded_is_recorded_by_the_next_worker(bench: Bench) -> None:
    Outage(bench, "UPDATE tickets SET done_seq", 1)
    run(bench)
    written = len(bench.desk.notes("Look at this."))
    assert row(bench, "dirty_seq") != row(bench, "done_seq")

    bench.pass_time(60)
    run_ticket(KEY, bench.parts)

    assert row(bench, "dirty_seq") == row(bench, "done_seq")
    assert written == len(bench.desk.notes("Look at this.")) == 1


def test_an_outage_that_does_not_end_is_told_to_the_worker(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "GIVE_BACK_S", 0.1)
    bench.desk.read_faults.append("denied")
    Outage(bench, GIVEN_BACK, 99)

    with pytest.raises(OperationalError):
        run(bench)


@pytest.mark.parametrize(
    "statement",
    ["SELECT requests.run_id", "UPDATE runs SET covers_seq", "UPDATE deliveries", "INSERT INTO runs", "UPDATE requests"],
)
def test_a_run_that_the_database_left_alone_counts_neither_as_crash_nor_as_failure(bench: Bench, statement: str) -> None:
    outage = Outage(bench, statement, 1)

    for number in range(5):
        run(bench, f"d{number}")
        assert row(bench, "crashes", "failures") == (0, 0)
        bench.pass_time(60)

    assert outage.left == 0
    assert len(bench.desk.notes("Look at this.")) == 1


@storage.on(
    "statement", [("postgresql-embedded", (each,)) for each in ("SELECT deliveries.seq", "INSERT INTO runs", "UPDATE requests")]
)
def test_a_run_that_stood_still_in_a_transaction_goes_on_as_after_an_outage(tmp_path: Path, statement: str) -> None:
    with deskhand(tmp_path, "freshdesk", flow={"max_failures": 1, "max_crashes": 1}) as here:
        ticket = outage(here)
        still = StoodStill(here.parts.engine, statement)

        here.settle()

        assert still.left == 0
        assert not set_aside(here)
        assert_written_once(here, ticket)


def test_an_account_that_is_held_while_the_database_is_away_counts_as_no_crash(bench: Bench) -> None:
    bench.desk.read_faults.append("denied")
    Outage(bench, "UPDATE accounts", 1)

    run(bench)

    assert row(bench, "crashes", "failures", "lease_owner") == (0, 0, "")


def test_setting_aside_while_the_database_is_away_counts_as_no_crash(tmp_path: Path) -> None:
    bench = Bench(tmp_path, flow={"max_failures": 1})
    bench.desk.read_faults += ["down", "down"]
    Outage(bench, "UPDATE deliveries", 1)

    run(bench)
    assert row(bench, "crashes", "failures") == (0, 0)
    bench.pass_time(60)
    run(bench, "d2")

    with bench.engine.begin() as connection:
        assert [each.deliveries for each in dead_letters.everything(connection)] == [2]
    bench.close()


def test_what_else_fails_is_counted_as_a_failure(bench: Bench) -> None:
    bench.desk.read_faults += ["down", "down"]

    run(bench)
    bench.pass_time(60)
    run(bench, "d2")

    assert row(bench, "crashes", "failures") == (0, 2)
