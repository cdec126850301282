"""Carrying out a stored plan, against a helpdesk in memory: each request effectively once, whatever becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adapters.codec import loads
from adapters.errors import AccessDenied, HelpdeskDown, RateLimited, TicketGone, Unsupported, WriteRejected
from adapters.ticket import Agent, Priority, Status, Ticket
from adapters.writes import Note, Plan, PlannedWrite, ProposeMacro, Reply, Request, SetAssignee, SetStatus, SetTeam, Write
from bot.flow import ledger
from bot.flow.later import Later, Park
from bot.store import aside, runs
from bot.store.schema import due
from bot.store.schema import requests as request_table
from bot.store.schema import runs as run_table
from bot.store.tickets import LeaseLost
from tests.flow.fast import ANNA, KEY, MARKER, NOTE, START, URGENT, US, VIP, Bench, Desk, Killed

REPLY = Reply(text="We are on it.")
BOTH = pytest.mark.parametrize("is_conditional", [False, True], ids=["unconditional", "conditional"])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A helpdesk without conditional writes."""
    made = Bench(tmp_path)
    yield made
    made.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Bench]:
    """A helpdesk that refuses a write on an older version of the ticket."""
    made = Bench(tmp_path, Desk(is_conditional=True))
    yield made
    made.close()


@pytest.fixture(params=[False, True], ids=["unconditional", "conditional"])
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, Desk(is_conditional=request.param))
    yield made
    made.close()


def yielded(bench: Bench) -> list[dict[str, object]]:
    with bench.engine.begin() as connection:
        text = connection.execute(select(run_table.c.yielded)).scalar_one()
    return loads(list[dict[str, object]], text)


def times_to_come(bench: Bench) -> list[float]:
    with bench.engine.begin() as connection:
        return sorted((at - bench.desk.now).total_seconds() for at in connection.execute(select(due.c.at)).scalars())


# the straight way


def test_everything_lands_once_and_is_reported_in_the_plans_order(each: Bench) -> None:
    each.store(URGENT, NOTE, VIP)

    assert each.carry_out() == ([URGENT, NOTE, VIP] if each.desk.is_conditional else [URGENT, VIP, NOTE])
    assert (each.desk.ticket.priority, each.desk.ticket.tags) == (Priority.URGENT, frozenset({"vip"}))
    assert [stored.external_id for stored in each.requests() if stored.request.marker] == each.desk.notes()
    assert {stored.state for stored in each.requests()} == {"confirmed"}
    assert [stored.attempts for stored in each.requests()] == [1] * len(each.requests())


def test_a_plan_that_was_carried_out_is_not_sent_again(each: Bench) -> None:
    each.store(URGENT, NOTE)
    each.carry_out()
    sent = len(each.desk.applied)

    assert set(each.carry_out()) == {URGENT, NOTE}
    assert len(each.desk.applied) == sent


def test_each_request_passes_its_three_places(bench: Bench) -> None:
    bench.store(NOTE)
    bench.carry_out()

    assert bench.reached == ["intent_stored", "request_sent", "response_received", "confirmed"]


def test_an_intent_is_committed_before_its_first_byte_leaves(bench: Bench) -> None:
    bench.store(NOTE)
    bench.die_at = {"intent_stored": 1}

    with pytest.raises(Killed):
        bench.carry_out()

    assert bench.desk.applied == []
    assert [(stored.state, stored.attempts, stored.sent_at) for stored in bench.requests()] == [("sent", 1, START)]


def test_what_a_vendor_refuses_costs_only_itself(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.desk.faults.append("rejected")

    assert bench.carry_out() == [NOTE]
    assert [(stored.state, stored.reason) for stored in bench.requests()] == [
        ("failed", "the vendor refused it"),
        ("confirmed", ""),
    ]


def test_what_was_silently_not_applied_is_not_reported_as_written(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.desk.faults.append("not_applied")

    assert bench.carry_out() == [NOTE]
    assert bench.requests()[0].not_applied == (0,)


@pytest.mark.parametrize(("fault", "error"), [("limited", RateLimited), ("down", HelpdeskDown), ("denied", AccessDenied)])
def test_what_was_certainly_not_sent_counts_as_no_try(bench: Bench, fault: str, error: type[Exception]) -> None:
    bench.store(NOTE)
    bench.desk.faults.append(fault)

    with pytest.raises(error):
        bench.carry_out()

    assert [(stored.state, stored.attempts, stored.sent_at) for stored in bench.requests()] == [("intended", 0, None)]
    assert bench.carry_out() == [NOTE]
    assert times_to_come(bench) == []


def test_a_ticket_that_is_gone_ends_it(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults.append("gone")

    with pytest.raises(TicketGone):
        bench.carry_out()

    assert [(stored.state, stored.reason) for stored in bench.requests()] == [("failed", "gone")]


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

    with pytest.raises(Later, match="settling an unknown outcome") as first:
        each.carry_out()
    assert first.value.after_s == pytest.approx(10.0, abs=1.0)
    assert next((stored.state, stored.reason) for stored in each.requests()) == ("unknown", "not seen yet")
    each.pass_time(4.0)
    with pytest.raises(Later) as second:
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
    with pytest.raises(Later):
        bench.carry_out()
    bench.desk.now += timedelta(hours=hours)

    with pytest.raises(Later) as waits:
        bench.carry_out()
    assert waits.value.after_s == pytest.approx(10.0, abs=1.0)


def test_after_a_start_of_the_machine_the_settle_time_begins_anew(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults.append("lost")
    with pytest.raises(Later):
        bench.carry_out()
    bench.pass_time(9.0)
    with bench.engine.begin() as connection:
        connection.execute(update(request_table).values(sent_boot="an-earlier-boot"))

    with pytest.raises(Later) as waits:
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


def test_a_note_whose_outcome_stays_unknown_is_given_up_after_four_sendings(each: Bench) -> None:
    each.store(NOTE)
    each.desk.faults += ["lost"] * 9

    with pytest.raises(Park, match="stayed unknown after several tries"):
        each.to_the_end()

    assert each.desk.calls.count("send") == ledger.MAX_TRIES
    assert [(stored.state, stored.reason) for stored in each.requests()][-1] == ("unknown", "outcome unknown after several tries")


def test_what_was_taken_up_again_has_all_its_tries_anew(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults += ["lost"] * 7
    with pytest.raises(Park):
        bench.to_the_end()
    with bench.engine.begin() as connection:
        aside.set_plan_aside(connection, KEY, "unknown", bench.desk.now)
        assert aside.take_up(connection, KEY, bench.desk.now) == 1

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
    with pytest.raises(Later):
        bench.carry_out()
    bench.desk.say("we ARE on it.", by=US)

    assert len(bench.carry_out()) == 1


def test_other_words_other_people_and_notes_are_not_our_reply(bench: Bench) -> None:
    bench.store(REPLY)
    bench.desk.faults.append("lost")
    with pytest.raises(Later):
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
    with pytest.raises(Later):
        bench.carry_out()
    bench.desk.say(REPLY.text, by=US)
    timeless = replace(bench.desk.ticket.messages[-1], created_at=None)
    bench.desk.edit(messages=(timeless,))

    assert bench.carry_out() == [REPLY]


# changes meanwhile


def test_a_conflict_is_rebased_and_what_a_person_changed_stays(strict: Bench) -> None:
    strict.store(URGENT, VIP, NOTE)
    strict.desk.edit(priority=Priority.LOW)

    assert strict.carry_out() == [VIP, NOTE]
    assert strict.desk.ticket.priority == Priority.LOW
    assert yielded(strict) == [{"field": "priority", "found": "low", "rules": ["r1"], "wanted": "urgent"}]
    first, second = strict.requests()
    assert (first.state, first.reason, first.number) == ("replaced", "conflict", 0)
    assert (second.state, second.number, second.request.writes) == ("confirmed", 1, (1, 2))


def test_what_was_yielded_is_told_by_the_work_too(strict: Bench) -> None:
    strict.store(URGENT, VIP)
    strict.desk.edit(priority=Priority.LOW)
    work = strict.work()

    ledger.carry_out(work)

    assert [each.field for each in work.yielded] == ["priority"]
    assert work.base.priority is Priority.LOW


def test_a_conflict_three_times_is_tried_a_fourth_time_and_then_set_aside(strict: Bench) -> None:
    strict.store(NOTE)
    strict.desk.faults += ["conflict"] * 3
    assert strict.carry_out() == [NOTE]

    strict.store(Note(html="MARKER02", marker="MARKER02"), run_id="run-2")
    strict.desk.faults += ["conflict"] * 4
    with strict.engine.begin() as connection:
        connection.execute(run_table.update().where(run_table.c.id == "run-1").values(state="done"))
    with pytest.raises(Park, match="changed under our write each time"):
        strict.carry_out()

    last = strict.requests("run-2")[-1]
    assert (last.state, last.reason, last.attempts, last.number) == ("intended", "conflict", 0, 3)


def test_a_conflict_with_our_own_earlier_try_confirms_it(strict: Bench) -> None:
    strict.store(NOTE)
    strict.desk.say(NOTE.html, by=US, is_public=False)

    assert strict.carry_out() == [NOTE]
    assert len(strict.desk.notes()) == 1
    assert strict.requests()[0].external_id == strict.desk.notes()[0]


def test_tries_of_other_writes_do_not_count(strict: Bench) -> None:
    strict.store(URGENT, REPLY)  # two requests: the fields, then the reply
    strict.desk.faults += ["conflict"] * 3

    assert strict.carry_out() == [URGENT, REPLY]
    assert strict.desk.replies() == [REPLY.text]
    assert len(strict.requests()) == 2 + 3 * 2 + 1  # and the reply once more, since our fields changed the version


def test_before_an_unconditional_write_the_ticket_is_read_again(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.pass_time(1)
    bench.desk.edit(priority=Priority.HIGH)

    assert bench.carry_out() == [NOTE]
    assert bench.desk.ticket.priority == Priority.HIGH
    assert [(each.state, each.reason) for each in bench.requests()][:2] == [("replaced", "read again before the write")] * 2
    assert [each.number for each in bench.requests()] == [0, 1, 2]


@pytest.mark.parametrize(("age_s", "reads"), [(2.0, 0), (2.5, 1)])
def test_a_snapshot_counts_as_fresh_for_its_time(tmp_path: Path, age_s: float, reads: int) -> None:
    bench = Bench(tmp_path, flow={"snapshot_fresh_s": 2.0})
    bench.store(URGENT)
    bench.pass_time(age_s)
    bench.carry_out()

    assert bench.desk.calls.count("hydrate") == reads
    assert bench.states() == ["confirmed"]  # nothing moved: the request stands as it was
    bench.close()


@pytest.mark.parametrize(("age_s", "fresh_s", "left_s"), [(0.0, 5.0, 5.0), (2.0, 5.0, 3.0), (4.5, 5.0, 1.0), (0.0, 0.0, 1.0)])
def test_an_unconditional_write_must_leave_while_its_read_is_fresh(
    tmp_path: Path, age_s: float, fresh_s: float, left_s: float
) -> None:
    """A wait in the database, or for the budget, may come between the look and the first byte."""
    bench = Bench(tmp_path, flow={"snapshot_fresh_s": fresh_s})
    bench.store(URGENT)
    bench.pass_time(age_s)

    bench.carry_out()

    assert bench.rested == [left_s]
    bench.close()


def test_a_write_whose_read_grew_old_on_the_way_is_not_sent_and_comes_again(bench: Bench) -> None:
    bench.store(URGENT)
    bench.desk.faults.append("outdated")

    with pytest.raises(Later) as later:
        bench.carry_out()

    assert later.value.after_s == 0
    assert [(each.state, each.attempts) for each in bench.requests()] == [("intended", 0)]
    assert bench.carry_out() == [URGENT]


def test_a_conditional_write_may_leave_at_any_time(strict: Bench) -> None:
    strict.store(URGENT)

    strict.carry_out()

    assert strict.rested == [None]


def test_before_a_conditional_write_nothing_is_read(strict: Bench) -> None:
    strict.store(URGENT, NOTE)
    strict.pass_time(100)
    strict.carry_out()

    assert strict.desk.calls == ["send"]


def test_a_snapshot_without_a_time_is_taken_as_it_is(bench: Bench) -> None:
    bench.store(URGENT)
    bench.pass_time(100)
    work = bench.work()
    work.ticket = replace(work.ticket, read_at=None)
    ledger.carry_out(work)

    assert bench.desk.calls == ["send"]


@pytest.mark.parametrize(
    "change",
    [
        {"priority": Priority.LOW},
        {"status": Status.PENDING},
        {"tags": frozenset({"by-anna"})},
        {"custom": {"plan": "gold"}},
        {"followers": frozenset({"boss@example.com"})},
        {"assignee": ANNA},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_change_before_an_unconditional_write_makes_it_anew(bench: Bench, change: dict[str, object]) -> None:
    bench.store(VIP)
    bench.pass_time(1)
    version = bench.desk.ticket.version
    bench.desk.tickets[KEY] = replace(bench.desk.ticket, **change, version=version)  # type: ignore[arg-type]
    bench.carry_out()

    assert bench.states() == ["replaced", "confirmed"]


def test_a_new_version_alone_makes_it_anew(bench: Bench) -> None:
    bench.store(VIP)
    bench.pass_time(1)
    bench.desk.tickets[KEY] = replace(bench.desk.ticket, version="another")
    bench.carry_out()

    assert bench.states() == ["replaced", "confirmed"]


def test_our_own_message_is_no_change(bench: Bench) -> None:
    bench.store(VIP)
    bench.pass_time(1)
    version = bench.desk.ticket.version
    bench.desk.say("a note of ours", by=US, is_public=False)
    bench.desk.tickets[KEY] = replace(bench.desk.ticket, version=version)
    bench.carry_out()

    assert bench.states() == ["confirmed"]


def test_a_customers_message_alone_makes_it_anew(bench: Bench) -> None:
    bench.store(VIP)
    bench.pass_time(1)
    version = bench.desk.ticket.version
    bench.desk.say("And another thing")
    bench.desk.tickets[KEY] = replace(bench.desk.ticket, version=version)
    bench.carry_out()

    assert bench.states() == ["replaced", "confirmed"]


def ticking(bench: Bench) -> Callable[[], datetime]:
    """A clock on which every look takes a millisecond: no snapshot is ever of this very moment."""

    def look() -> datetime:
        bench.desk.now += timedelta(milliseconds=1)
        return bench.desk.now

    return look


def test_a_ticket_that_changes_at_each_read_is_set_aside(bench: Bench) -> None:
    bench.store(VIP)
    bench.desk.before = lambda verb: bench.desk.edit(custom={"edits": str(bench.desk.last_id)})
    bench.parts.clock = ticking(bench)
    with pytest.raises(Park, match="kept changing under our writes"):
        bench.carry_out()

    assert bench.desk.calls == ["hydrate"] * (ledger.MAX_TRIES + 1)
    assert bench.desk.applied == []


def test_changes_before_two_writes_that_both_went_out_are_not_added_up(bench: Bench) -> None:
    notes = [Note(html=f"MARKER0{number}", marker=f"MARKER0{number}") for number in range(8)]
    bench.store(*notes)

    def meanwhile(verb: str) -> None:
        if bench.desk.calls[-2:-1] != ["hydrate"]:
            bench.desk.edit(custom={"edits": str(bench.desk.last_id)})

    bench.desk.before = meanwhile
    bench.parts.clock = ticking(bench)

    assert bench.carry_out() == notes


def test_a_change_that_leaves_nothing_to_do_ends_the_run(strict: Bench) -> None:
    strict.store(URGENT)
    strict.desk.edit(priority=Priority.URGENT)

    assert strict.carry_out() == []
    assert strict.states() == ["replaced"]
    assert strict.desk.applied == []
    assert yielded(strict) == []


def test_what_was_not_open_is_not_made_anew(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.desk.faults += ["rejected", "lost"]

    assert bench.to_the_end() == [NOTE]
    assert [stored.state for stored in bench.requests()] == ["failed", "replaced", "confirmed"]
    assert bench.desk.ticket.priority == Priority.NONE


class Apart(Desk):
    """Each write in a request of its own, in the plan's order."""

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        return [self._request(plan, ticket, place, [place]) for place in range(len(plan.writes))]


def test_what_our_own_request_before_changed_is_no_persons_change(tmp_path: Path) -> None:
    """At Intercom and Freshdesk a first reply opens a new ticket; the status that is set after it stands."""
    bench = Bench(tmp_path, Apart())
    bench.desk.edit(status=Status.NEW, status_raw="open")
    closed = SetStatus(status=Status.CLOSED)
    bench.store(REPLY, closed)
    bench.parts.clock = ticking(bench)

    assert bench.carry_out() == [REPLY, closed]
    assert yielded(bench) == []
    assert bench.states() == ["confirmed"] * 2
    bench.close()


def test_a_worker_that_takes_over_knows_what_its_forerunner_changed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Apart())
    bench.desk.edit(status=Status.NEW, status_raw="open")
    closed = SetStatus(status=Status.CLOSED)
    bench.store(REPLY, VIP, closed)
    bench.die_at = {"confirmed": 2}

    assert bench.to_the_end() == [REPLY, VIP, closed]
    assert yielded(bench) == []
    assert bench.states() == ["confirmed"] * 3
    bench.close()


def test_what_a_person_changed_back_after_our_request_is_theirs(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Apart())
    bench.store(VIP, URGENT)
    bench.desk.after_send = lambda: bench.desk.edit(tags=frozenset(), priority=Priority.LOW)
    bench.parts.clock = ticking(bench)

    assert bench.carry_out() == [VIP]
    assert [each["field"] for each in yielded(bench)] == ["priority"]
    bench.close()


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


# what comes too late to be said

ESCALATION = "<p>id MARKER01</p><p>Call them today.</p>"
SUGGESTED = Note(html=f"{ESCALATION}<blockquote>Dear Nina</blockquote>", marker=MARKER)
MACRO = ProposeMacro(macro="Refund steps")


@pytest.mark.parametrize("is_conditional", [False, True])
def test_after_an_agents_answer_the_note_is_written_without_the_suggestion(tmp_path: Path, is_conditional: bool) -> None:
    bench = Bench(tmp_path, Desk(is_conditional=is_conditional))
    bench.store(VIP, MACRO, SUGGESTED, REPLY, answered_html=ESCALATION)
    bench.pass_time(1)
    bench.desk.say("I have called you.", by=ANNA)

    assert bench.carry_out() == [VIP, SUGGESTED]
    assert [message.body_html for message in bench.desk.ticket.messages if message.is_ours] == [ESCALATION]
    assert {(each["field"], each["found"]) for each in yielded(bench)} == {
        ("propose_macro", "an agent has answered"),
        ("suggestion", "an agent has answered"),
        ("reply", "an agent has answered"),
    }
    bench.close()


def test_after_an_agents_answer_a_note_of_nothing_but_the_suggestion_is_not_written(strict: Bench) -> None:
    strict.store(VIP, SUGGESTED)
    strict.desk.say("I have called you.", by=ANNA)

    assert strict.carry_out() == [VIP]
    assert strict.desk.notes() == []
    assert [each["field"] for each in yielded(strict)] == ["suggestion"]


def test_a_note_without_a_suggestion_is_written_after_an_agents_answer_as_it_is(strict: Bench) -> None:
    plain = Note(html=ESCALATION, marker=MARKER)
    strict.store(plain, answered_html=ESCALATION)
    strict.desk.say("I have called you.", by=ANNA)

    assert strict.carry_out() == [plain]
    assert yielded(strict) == []


@pytest.mark.parametrize("by", [None, US], ids=["customer", "us"])
def test_what_others_said_leaves_the_suggestion(strict: Bench, by: Agent | None) -> None:
    strict.store(SUGGESTED, answered_html=ESCALATION)
    strict.desk.say("Still down!", by=by)

    strict.carry_out()

    assert strict.desk.ticket.messages[-1].body_html == SUGGESTED.html


# leases and shadow


def test_a_worker_that_lost_its_lease_sends_nothing(each: Bench) -> None:
    each.store(URGENT, NOTE)
    lease = each.claim()
    each.pass_time(20)
    each.claim()

    with pytest.raises(LeaseLost):
        ledger.carry_out(each.work(lease))

    assert each.desk.applied == []


def test_a_worker_that_slept_in_the_middle_of_a_call_records_nothing_more(bench: Bench) -> None:
    bench.store(NOTE)
    work = bench.work()
    bench.desk.after_send = lambda: bench.pass_time(20)

    with pytest.raises(LeaseLost):
        ledger.carry_out(work)

    assert bench.states() == ["sent"]
    assert bench.to_the_end() == [NOTE]
    assert len(bench.desk.notes()) == 1


def test_a_worker_that_slept_while_it_read_again_makes_nothing_anew(bench: Bench) -> None:
    bench.store(VIP)
    work = bench.work()
    bench.pass_time(1)
    bench.desk.edit(priority=Priority.LOW)
    bench.desk.before = lambda verb: bench.pass_time(20)

    with pytest.raises(LeaseLost):
        ledger.carry_out(work)

    assert bench.states() == ["intended"]


def put_into_shadow(bench: Bench) -> None:
    account = bench.parts.settings.accounts[0].model_copy(update={"mode": "shadow"})
    settings = bench.parts.config.settings.model_copy(update={"accounts": (account,)})
    object.__setattr__(bench.parts.config, "settings", settings)


def test_shadow_mode_holds_for_a_plan_that_was_stored_before(each: Bench) -> None:
    each.store(URGENT, NOTE)
    put_into_shadow(each)

    assert each.carry_out() == []
    assert each.desk.calls == []
    assert {(stored.state, stored.reason) for stored in each.requests()} == {
        ("failed", "not written: the account is in shadow mode")
    }


@pytest.mark.parametrize(("fault", "landed"), [("answer_lost", True), ("lost", False)])
def test_in_shadow_mode_an_unknown_write_is_looked_for_and_not_sent_again(each: Bench, fault: str, landed: bool) -> None:
    each.store(NOTE)
    each.desk.faults.append(fault)
    each.die_at = {"response_received": 1}
    with pytest.raises(Killed):
        each.carry_out()
    put_into_shadow(each)

    assert bool(each.carry_out()) is landed
    assert each.desk.calls.count("send") == 1
    assert each.states() == ["confirmed" if landed else "failed"]
    if landed:
        assert each.requests()[0].external_id == each.desk.notes()[0]


# what cannot be asked for


class Picky(Desk):
    """Refuses a team and an agent when it is asked to make requests of them, as adapters do."""

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        for planned in plan.writes:
            if isinstance(planned.write, SetTeam):
                raise WriteRejected("no such team")
            if isinstance(planned.write, SetAssignee):
                raise Unsupported("agents cannot be set here")
        return super().to_requests(plan, ticket)


def test_what_cannot_be_asked_for_is_left_out_and_told() -> None:
    writes = (SetTeam(team="Nobody"), VIP, SetAssignee(agent="x"), NOTE)
    plan = Plan(ticket=KEY, writes=tuple(PlannedWrite(write=write) for write in writes))
    desk = Picky()
    refused: dict[int, str] = {}

    made = ledger.requestable(desk.helpdesk(), plan, desk.ticket, refused.__setitem__)

    assert refused == {0: "no such team", 2: "agents cannot be set here"}
    assert [(each.number, each.writes) for each in made] == [(1, (1,)), (2, (3,))]


def test_where_all_can_be_asked_for_nothing_is_told() -> None:
    plan = Plan(ticket=KEY, writes=(PlannedWrite(write=VIP), PlannedWrite(write=NOTE)))
    desk = Desk()

    made = ledger.requestable(desk.helpdesk(), plan, desk.ticket, lambda place, why: pytest.fail(why))

    assert [(each.number, each.writes) for each in made] == [(0, (0,)), (1, (1,))]
