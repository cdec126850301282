"""A request whose outcome nobody knows: found, sent again, or left to a person; never written twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adapters.ticket import Priority
from adapters.writes import Reply, Write
from bot.runtime.retry import DeadLetter, RetryLater
from bot.store import dead_letters, runs
from bot.store.database.schema import due
from bot.store.database.schema import requests as request_table
from bot.writes import ledger
from tests.harness.bench_in_memory import Bench, Killed
from tests.harness.desk_in_memory import ANNA, KEY, NOTE, URGENT, US, VIP

pytestmark = pytest.mark.both_storages

REPLY = Reply(text="We are on it.")


def times_to_come(bench: Bench) -> list[float]:
    with bench.engine.begin() as connection:
        return sorted((at - bench.desk.now).total_seconds() for at in connection.execute(select(due.c.at)).scalars())


# unknown outcomes


@pytest.mark.parametrize("writes", [(URGENT, VIP), (NOTE,), (REPLY,)], ids=["fields", "note", "reply"])
def test_a_write_whose_answer_was_lost_is_found_and_not_repeated(each: Bench, writes: tuple[Write, ...]) -> None:
    each.store(*writes)
    each.desk.faults.append("answer_lost")

    assert each.carry_out() == list(writes)
    assert len(each.desk.applied) == 1
    assert each.states() == ["confirmed"]


def test_what_was_found_is_kept_with_its_id(bench: Bench) -> None:
    bench.store(NOTE, REPLY)
    bench.desk.faults += ["answer_lost", "answer_lost"]

    bench.carry_out()

    said = [message.external_id for message in bench.desk.ticket.messages]
    assert [stored.external_id for stored in bench.requests()] == said


def test_a_write_that_is_not_found_waits_out_the_settle_time_and_is_sent_again(each: Bench) -> None:
    each.store(URGENT, NOTE)
    each.desk.faults.append("lost")

    with pytest.raises(RetryLater, match="settling an unknown outcome") as first:
        each.carry_out()
    assert first.value.after_s == pytest.approx(10.0, abs=1.0)
    assert next((stored.state, stored.reason) for stored in each.requests()) == ("unknown", "not seen yet")
    each.pass_time(4.0)
    with pytest.raises(RetryLater) as second:
        each.carry_out()
    assert second.value.after_s == pytest.approx(6.0, abs=1.0)
    assert each.desk.applied == []
    each.pass_time(6.0)

    assert set(each.carry_out()) == {URGENT, NOTE}
    assert len(each.desk.notes()) == 1
    replaced = [stored for stored in each.requests() if stored.state == "replaced"]
    assert {stored.reason for stored in replaced} == {"not found after the settle time"}


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_settle_time_is_not_measured_by_the_wall_clock(bench: Bench, hours: int) -> None:
    """Set back it would make the wait endless, set on it would have the note sent again while the first is still on its way."""
    bench.store(NOTE)
    bench.desk.faults.append("lost")
    with pytest.raises(RetryLater):
        bench.carry_out()
    bench.desk.now += timedelta(hours=hours)

    with pytest.raises(RetryLater) as waits:
        bench.carry_out()
    assert waits.value.after_s == pytest.approx(10.0, abs=1.0)


def test_after_a_start_of_the_machine_the_settle_time_begins_anew(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults.append("lost")
    with pytest.raises(RetryLater):
        bench.carry_out()
    bench.pass_time(9.0)
    with bench.engine.begin() as connection:
        connection.execute(update(request_table).values(sent_boot="an-earlier-boot"))

    with pytest.raises(RetryLater) as waits:
        bench.carry_out()
    assert waits.value.after_s == pytest.approx(10.0, abs=1.0)


def test_a_late_note_that_lands_within_the_settle_time_is_found(each: Bench) -> None:
    each.store(NOTE)
    each.desk.faults.append("late:9")

    assert each.to_the_end() == [NOTE]
    assert len(each.desk.notes()) == 1
    assert each.states() == ["confirmed"]


def test_a_late_note_that_lands_after_the_settle_time_is_refused_where_writes_are_conditional(strict: Bench) -> None:
    strict.store(NOTE)
    strict.desk.faults.append("late:11")
    strict.to_the_end()
    strict.pass_time(5)

    assert len(strict.desk.notes()) == 1


def test_a_second_sending_has_the_ticket_read_again_later(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults.append("late:11")
    bench.to_the_end()

    assert times_to_come(bench) == [30.0, 600.0]
    bench.pass_time(5)
    assert len(bench.desk.notes()) == 2


@pytest.mark.parametrize("fault", ["", "answer_lost", "conflict", "limited"])
def test_a_note_that_can_stand_there_only_once_is_not_looked_for_again(each: Bench, fault: str) -> None:
    each.store(URGENT, NOTE)
    each.desk.faults.append(fault)
    each.to_the_end()

    assert times_to_come(each) == []


def test_fields_that_were_sent_twice_are_not_looked_for_again(bench: Bench) -> None:
    bench.store(URGENT)
    bench.desk.faults.append("lost")
    bench.to_the_end()

    assert times_to_come(bench) == []


def test_a_read_that_lags_does_not_bring_a_second_note(bench: Bench) -> None:
    bench.store(NOTE)
    bench.pass_time(20)
    bench.desk.faults.append("answer_lost")
    bench.desk.read_faults += ["stale:5", "stale:5", "stale:5"]

    assert bench.to_the_end() == [NOTE]
    assert len(bench.desk.notes()) == 1


@pytest.mark.parametrize(("writes", "look"), [((NOTE,), "find_marker"), ((URGENT, VIP), "hydrate")], ids=["note", "fields"])
def test_the_read_before_a_second_sending_is_a_look_as_well(each: Bench, writes: tuple[Write, ...], look: str) -> None:
    """Both looks are answered by a copy that lags behind for longer than the settle time; that read is not, and a write on it
    would be taken even where writes are conditional."""
    each.pass_time(20)
    each.store(*writes)
    each.desk.faults.append("answer_lost")
    each.desk.read_faults += ["stale:15", "stale:15"]

    assert each.to_the_end() == list(writes)
    assert each.desk.calls == ["send", look, look, "hydrate"]
    assert len(each.desk.applied) == 1
    assert each.states() == ["confirmed"]


def test_a_note_of_which_every_read_lags_behind_is_refused_where_writes_are_conditional(strict: Bench) -> None:
    strict.store(NOTE)
    strict.pass_time(20)
    strict.desk.faults.append("answer_lost")
    strict.desk.read_faults += ["stale:15", "stale:15", "stale:15"]

    assert strict.to_the_end() == [NOTE]
    assert len(strict.desk.notes()) == 1


def test_a_note_whose_outcome_stays_unknown_is_given_up_after_four_sendings(each: Bench) -> None:
    each.store(NOTE)
    each.desk.faults += ["lost"] * 9

    with pytest.raises(DeadLetter, match="stayed unknown after several tries"):
        each.to_the_end()

    assert each.desk.calls.count("send") == ledger.MAX_TRIES
    assert [(stored.state, stored.reason) for stored in each.requests()][-1] == ("unknown", "outcome unknown after several tries")


def test_what_was_taken_up_again_has_all_its_tries_anew(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults += ["lost"] * 7
    with pytest.raises(DeadLetter):
        bench.to_the_end()
    with bench.engine.begin() as connection:
        dead_letters.set_plan_aside(connection, KEY, "unknown", bench.desk.now)
        assert dead_letters.take_up(connection, KEY, bench.desk.now) == 1

    assert bench.to_the_end() == [NOTE]
    assert len(bench.desk.notes()) == 1


def test_a_worker_that_died_before_sending_left_nothing_but_is_not_believed(each: Bench) -> None:
    each.store(NOTE)
    each.die_at = {"intent_stored": 1}
    with pytest.raises(Killed):
        each.carry_out()

    assert each.to_the_end() == [NOTE]
    assert len(each.desk.notes()) == 1


@pytest.mark.parametrize("place", ["request_sent", "response_received", "confirmed"])
def test_a_worker_that_died_after_sending_left_a_note_that_is_found(each: Bench, place: str) -> None:
    each.store(NOTE)
    each.die_at = {place: 1}
    with pytest.raises(Killed):
        each.carry_out()

    assert each.carry_out() == [NOTE]
    assert len(each.desk.applied) == 1


# public replies


def test_a_public_reply_that_nobody_finds_waits_for_a_person(each: Bench) -> None:
    each.store(REPLY)
    each.desk.faults.append("lost")

    assert each.to_the_end() == []
    assert each.desk.replies() == []
    assert [(stored.state, stored.reason) for stored in each.requests()] == [
        ("waiting", "nobody knows whether this public reply went out: look at the ticket")
    ]


def test_a_reply_is_recognised_by_its_words_however_they_are_broken(bench: Bench) -> None:
    bench.store(Reply(text="We are\n on   it."))
    bench.desk.faults.append("lost")
    with pytest.raises(RetryLater):
        bench.carry_out()
    bench.desk.say("we ARE on it.", by=US)

    assert len(bench.carry_out()) == 1


def test_other_words_other_people_and_notes_are_not_our_reply(bench: Bench) -> None:
    bench.store(REPLY)
    bench.desk.faults.append("lost")
    with pytest.raises(RetryLater):
        bench.carry_out()
    bench.desk.say("We are on it soon.", by=US)
    bench.desk.say(REPLY.text, by=ANNA)
    bench.desk.say(REPLY.text, by=US, is_public=False)

    assert bench.to_the_end() == []
    assert bench.states() == ["waiting"]


@pytest.mark.parametrize("seconds_before", [0.0, 90.0])
def test_an_equal_reply_from_before_the_plan_is_another_one(bench: Bench, seconds_before: float) -> None:
    bench.desk.say(REPLY.text, by=US)
    bench.pass_time(seconds_before)
    bench.store(REPLY)
    bench.desk.faults.append("lost")

    assert bench.to_the_end() == []


def test_a_reply_without_a_time_may_be_ours(bench: Bench) -> None:
    bench.store(REPLY)
    bench.desk.faults.append("lost")
    with pytest.raises(RetryLater):
        bench.carry_out()
    bench.desk.say(REPLY.text, by=US)
    timeless = replace(bench.desk.ticket.messages[-1], created_at=None)
    bench.desk.edit(messages=(timeless,))

    assert bench.carry_out() == [REPLY]


# a database that is older than the ticket


@pytest.mark.parametrize("writes", [(NOTE,), (REPLY,), (VIP, NOTE)], ids=["note", "reply", "with a tag"])
def test_what_stands_there_already_is_not_written_again_where_the_database_was_restored(
    bench: Bench, writes: tuple[Write, ...]
) -> None:
    bench.store(*writes)
    bench.pass_time(1)
    said = bench.desk.say(NOTE.html if NOTE in writes else REPLY.text, by=US, is_public=NOTE not in writes)

    assert set(bench.carry_out()) == set(writes)
    assert [each.external_id for each in bench.requests() if each.external_id] == [said]
    assert len(bench.desk.notes()) + len(bench.desk.replies()) == 1


def test_what_is_left_to_write_beside_it_gives_way_to_what_a_person_changed_meanwhile(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.pass_time(1)
    bench.desk.say(NOTE.html, by=US, is_public=False)
    bench.desk.edit(priority=Priority.LOW)

    assert bench.carry_out() == [NOTE]
    assert bench.desk.ticket.priority is Priority.LOW


def test_a_copy_made_between_two_requests_knows_the_first_and_finds_the_second(tmp_path: Path) -> None:
    """In the copy the first is under way and the second not begun; the ticket has both. To read whether the first was applied is
    not yet to look for the second."""
    bench = Bench(tmp_path)
    bench.store(URGENT, NOTE)
    bench.desk.edit(priority=Priority.URGENT)
    said = bench.desk.say(NOTE.html, by=US, is_public=False)
    work = bench.work()
    work.is_resumed = True
    with bench.engine.begin() as connection:
        runs.mark_sent(connection, "run-1", 0, bench.desk.now)
    work.known = None

    ledger.carry_out(work)

    assert [(each.state, each.external_id) for each in bench.requests()] == [("confirmed", ""), ("confirmed", said)]
    assert len(bench.desk.notes()) == 1
    bench.close()
