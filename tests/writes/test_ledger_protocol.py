"""The ledger's protocol under any order of faults, deaths, edits and waits, drawn at random and repeatable: each note at most
once, nobody's edit lost, every delivery ended. Against a helpdesk in memory; a failing example prints what was drawn.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from adapters.errors import TicketGone
from adapters.ticket import Priority, Status
from adapters.writes import AddTags, Note, Reply, SetPriority, SetStatus, Write
from bot.pipeline.claim import run_ticket
from bot.runtime.retry import DeadLetter
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import deliveries, runs, tickets
from bot.store import duplicate_notes as stored_doubles
from bot.store.database.schema import accounts as account_table
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import due
from tests.harness.bench_in_memory import Bench, Killed
from tests.harness.desk_in_memory import ANNA, KEY, NOTE, URGENT, VIP, Desk

pytestmark = pytest.mark.both_storages

REPLY = Reply(text="We are on it.")
PENDING = SetStatus(status=Status.PENDING)
PLANS: tuple[tuple[Write, ...], ...] = ((URGENT, VIP, NOTE), (NOTE,), (URGENT, PENDING), (REPLY, NOTE), (VIP, REPLY))
PLACES = ("intent_stored", "request_sent", "response_received", "confirmed")
WRITE_FAULTS = ("", "", "lost", "answer_lost", "late:3", "late:9.5", "conflict", "limited", "down", "denied", "rejected")
READ_FAULTS = ("", "", "", "stale:4", "down", "limited")
EDITS: tuple[dict[str, Any], ...] = (
    {"priority": Priority.LOW},
    {"priority": Priority.HIGH},
    {"status": Status.SOLVED},
    {"custom": {"plan": "gold"}},
)
EXAMPLES = int(os.environ.get("PROTOCOL_EXAMPLES", "12"))  # more for a longer search
often = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, print_blob=True)


@contextmanager
def benched(is_conditional: bool, **more: Any) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="dh-protocol-") as folder:
        bench = Bench(Path(folder), Desk(is_conditional=is_conditional), **more)
        try:
            yield bench
        finally:
            bench.close()


class Agent:
    """Edits the ticket before some of our calls, as `moments` says: never, where writes are not conditional, between our last
    read and our write (that round trip is the limit that G6 states)."""

    def __init__(self, bench: Bench, moments: list[int]) -> None:
        self.bench, self.moments = bench, list(moments)
        self.edited: dict[str, Any] = {}
        bench.desk.before = self.before

    def before(self, verb: str) -> None:
        edit = self.moments.pop(0) if self.moments else -1
        if edit < 0 or edit >= len(EDITS) or (verb == "send" and not self.bench.desk.is_conditional):
            return
        self.bench.desk.edit(**EDITS[edit])
        self.edited |= EDITS[edit]


@often
@given(
    is_conditional=st.booleans(),
    plan=st.sampled_from(PLANS),
    faults=st.lists(st.sampled_from(WRITE_FAULTS), max_size=6),
    reads=st.lists(st.sampled_from(READ_FAULTS), max_size=6),
    deaths=st.dictionaries(st.sampled_from(PLACES), st.integers(1, 3), max_size=3),
    moments=st.lists(st.integers(-3, len(EDITS) - 1), max_size=8),
)
def test_whatever_happens_each_note_stands_once_and_an_agents_edit_stays(
    is_conditional: bool,
    plan: tuple[Write, ...],
    faults: list[str],
    reads: list[str],
    deaths: dict[str, int],
    moments: list[int],
) -> None:
    with benched(is_conditional) as bench:
        bench.store(*plan)
        bench.pass_time(1)
        bench.desk.faults += faults
        bench.desk.read_faults += reads
        bench.die_at = dict(deaths)
        agent = Agent(bench, moments)
        bench.parts.clock = ticking(bench)
        written: list[Write] | None = None
        with suppress(DeadLetter, TicketGone):
            written = bench.to_the_end()
        bench.pass_time(30)

        assert len(bench.desk.notes()) <= 1
        assert len(bench.desk.replies()) <= 1
        for name, value in agent.edited.items():
            assert getattr(bench.desk.ticket, name) == value, name
        if written is not None:
            assert_true_to_the_ledger(bench, plan, written, agent.edited)


def ticking(bench: Bench) -> Any:
    def look() -> Any:
        bench.desk.now = bench.desk.now.replace(microsecond=(bench.desk.now.microsecond + 1000) % 1_000_000)
        return bench.desk.now

    return look


def assert_true_to_the_ledger(bench: Bench, plan: tuple[Write, ...], written: list[Write], edited: dict[str, Any]) -> None:
    """What is reported as written is in the ticket, and what is not was refused, given up to a person, or waits."""
    states = {each.state for each in bench.requests()}
    assert states <= {"confirmed", "failed", "replaced", "waiting"}
    for write in plan:
        match write:
            case Note():
                stands = len(bench.desk.notes()) == 1
            case Reply():
                stands = bench.desk.replies() == [REPLY.text]
            case SetPriority():
                stands = bench.desk.ticket.priority is Priority.URGENT or "priority" in edited
            case SetStatus():
                stands = bench.desk.ticket.status is Status.PENDING or "status" in edited
            case AddTags():
                stands = "vip" in bench.desk.ticket.tags
            case _:
                raise AssertionError(write)
        if write in written:
            assert stands, write
        elif not states & {"failed", "waiting"}:
            assert stands, f"{write} was forgotten"


@often
@given(
    late_s=st.floats(10.5, 500.0),
    deaths=st.dictionaries(st.sampled_from(PLACES), st.integers(1, 2), max_size=2),
    second=st.sampled_from(["", "answer_lost", "late:2"]),
)
def test_a_note_that_lands_later_than_the_settle_time_is_counted(late_s: float, deaths: dict[str, int], second: str) -> None:
    with benched(is_conditional=False) as bench:
        bench.store(NOTE)
        bench.desk.faults += [f"late:{late_s}", second]
        bench.die_at = dict(deaths)
        bench.to_the_end()
        with bench.engine.begin() as connection:
            runs.finish(connection, "run-1", "done", "", bench.desk.now)
        ticker = Ticker(
            TickerParts(config=bench.parts.config, engine=bench.engine, bell=bench.bell, clock=bench.parts.clock, owner="t")
        )
        for _ in range(3):
            bench.pass_time(301)
            ticker.bring_due()
            run_ticket(KEY, bench.parts)

        with bench.engine.begin() as connection:
            assert stored_doubles.count(connection) == len(bench.desk.notes()) - 1
            assert not connection.execute(select(due.c.id).where(due.c.state == "waiting")).all()


PIPELINE_PLACES = ("claimed", "hydrated", "decided", "plan_stored", *PLACES, "finished")
STEPS = st.sampled_from(
    ["hear", "hear again", "own", "say", "answer", "edit", "work", "work", "work", "wait", "wait long", "gone"]
)


@settings(often, max_examples=2 * EXAMPLES)
@given(
    is_conditional=st.booleans(),
    steps=st.lists(STEPS, min_size=3, max_size=14),
    faults=st.lists(st.sampled_from(WRITE_FAULTS), max_size=6),
    reads=st.lists(st.sampled_from((*READ_FAULTS, "denied", "gone")), max_size=6),
    deaths=st.dictionaries(st.sampled_from(PIPELINE_PLACES), st.integers(1, 3), max_size=3),
)
def test_every_delivery_ends_once_with_a_reason(
    is_conditional: bool, steps: list[str], faults: list[str], reads: list[str], deaths: dict[str, int]
) -> None:
    with benched(is_conditional, flow={"max_failures": 3, "max_crashes": 3, "runs_per_hour": 3}) as bench:
        bench.desk.faults += faults
        bench.desk.read_faults += reads
        bench.die_at = dict(deaths)
        for number, step in enumerate(("hear", *steps)):
            take(bench, step, number)
        work_off(bench)

        with bench.engine.begin() as connection:
            rows = connection.execute(select(delivery_table)).all()
            assert tickets.unfinished(connection) == 0
            assert runs.planned(connection, KEY) is None
            assert deliveries.backlog(connection) == 0
        for row in rows:
            assert row.state in ("done", "ignored", "superseded", "parked")
            assert row.state == "done" or row.reason
        if KEY in bench.desk.tickets:
            assert all(len(bench.desk.notes(each)) <= 1 for each in markers(bench))


def take(bench: Bench, step: str, number: int) -> None:
    match step:
        case "hear":
            bench.deliver(f"d{number}")
        case "hear again":
            bench.deliver("same", has_id=False)
        case "own":
            bench.deliver(f"d{number}", actor="7")
        case "say" if KEY in bench.desk.tickets:
            bench.desk.say(f"Number {number}")
            bench.deliver(f"d{number}")
        case "answer" if KEY in bench.desk.tickets:
            bench.desk.say(f"Number {number}", by=ANNA)
            bench.deliver(f"d{number}")
        case "edit" if KEY in bench.desk.tickets:
            bench.desk.edit(**EDITS[number % len(EDITS)])
        case "gone" if number % 5 == 0:
            bench.desk.tickets.pop(KEY, None)
        case "work":
            work(bench)
        case "wait":
            bench.pass_time(3)
        case "wait long":
            bench.pass_time(16)


def work(bench: Bench) -> bool:
    try:
        return run_ticket(KEY, bench.parts)
    except Killed:
        return True


def work_off(bench: Bench) -> None:
    """Workers come until nothing is left to do; a held account is free again after its minute."""
    for _ in range(80):
        with bench.engine.begin() as connection:
            if not tickets.unfinished(connection):
                return
        bench.pass_time(61)
        free_accounts(bench)
        work(bench)
    raise AssertionError("work is left that nobody can do")


def free_accounts(bench: Bench) -> None:
    with bench.engine.begin() as connection:
        connection.execute(update(account_table).values(blocked_until=0))


def markers(bench: Bench) -> frozenset[str]:
    with bench.engine.begin() as connection:
        return runs.markers(connection, KEY)
