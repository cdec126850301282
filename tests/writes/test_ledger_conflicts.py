"""A ticket that changes under a conditional write: the first new try at once, each further one after a longer wait."""

from __future__ import annotations

import pytest

from adapters.writes import Note
from bot.runtime.retry import DeadLetter, RetryLater
from bot.store import dead_letters
from bot.store.database.schema import runs as run_table
from bot.writes import ledger
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY, NOTE, START, URGENT, US

pytestmark = pytest.mark.both_storages


def test_conflicts_are_tried_again_with_growing_pauses_and_then_set_aside(strict: Bench) -> None:
    """V10: a copy of the ticket that lags behind, or a trigger that answers each change."""
    tries = len(ledger.CONFLICT_WAITS_S)
    strict.store(NOTE)
    strict.desk.faults += ["conflict"] * tries
    assert strict.to_the_end() == [NOTE]
    assert (strict.desk.now - START).total_seconds() == sum(ledger.CONFLICT_WAITS_S) == 61
    assert strict.desk.calls.count("hydrate") == tries

    strict.store(Note(html="MARKER02", marker="MARKER02"), run_id="run-2")
    strict.desk.faults += ["conflict"] * (tries + 1)
    with strict.engine.begin() as connection:
        connection.execute(run_table.update().where(run_table.c.id == "run-1").values(state="done"))
    with pytest.raises(DeadLetter, match="changed under our write each time"):
        strict.to_the_end()

    last = strict.requests("run-2")[-1]
    assert (last.state, last.reason, last.number) == ("intended", "conflict", tries)
    with strict.engine.begin() as connection:
        dead_letters.set_plan_aside(connection, KEY, "", START)
        dead_letters.take_up(connection, KEY, START)
    strict.desk.faults.append("conflict")
    assert strict.to_the_end()[0].kind == "note"


def test_the_first_conflict_waits_for_nobody(strict: Bench) -> None:
    strict.store(NOTE)
    strict.desk.faults += ["conflict", "conflict"]

    with pytest.raises(RetryLater) as later:
        strict.carry_out()

    assert later.value.after_s == 1.0
    assert strict.desk.calls == ["send", "hydrate", "send"]
    assert strict.carry_out() == [NOTE]
    assert strict.desk.calls[3:] == ["hydrate", "send"]


def test_a_copy_that_lags_two_seconds_behind_ends_well(strict: Bench) -> None:
    strict.store(URGENT, NOTE)
    strict.desk.edit(tags=frozenset({"by-anna"}))
    strict.desk.read_faults += ["stale:2"] * 3

    assert strict.to_the_end() == [URGENT, NOTE]
    assert len(strict.desk.notes()) == 1


def test_a_note_that_landed_under_a_conflict_is_confirmed_after_the_wait(strict: Bench) -> None:
    strict.store(NOTE)
    strict.desk.faults += ["conflict", "conflict"]
    with pytest.raises(RetryLater):
        strict.carry_out()
    strict.desk.say(NOTE.html, by=US, is_public=False)

    assert strict.to_the_end() == [NOTE]
    assert len(strict.desk.notes()) == 1
