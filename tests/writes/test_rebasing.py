"""What people do to a ticket between the plan and its writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.codec import loads
from adapters.ticket import Agent, Priority, Status, Ticket
from adapters.writes import Note, Outcome, Plan, ProposeMacro, Reply, Request, SetStatus
from bot.drafts.note import NoteContent, render_note
from bot.runtime.retry import DeadLetter, RetryLater
from bot.store.database.schema import runs as run_table
from bot.writes import ledger
from bot.writes.note_claims import SUGGESTION
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY, MARKER, NOTE, URGENT, US, VIP, Desk

pytestmark = pytest.mark.both_storages

REPLY = Reply(text="We are on it.")


def yielded(bench: Bench) -> list[dict[str, object]]:
    with bench.engine.begin() as connection:
        text = connection.execute(select(run_table.c.yielded)).scalar_one()
    return loads(list[dict[str, object]], text)


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


def test_a_conflict_with_our_own_earlier_try_confirms_it(strict: Bench) -> None:
    strict.store(NOTE)
    strict.desk.say(NOTE.html, by=US, is_public=False)

    assert strict.carry_out() == [NOTE]
    assert len(strict.desk.notes()) == 1
    assert strict.requests()[0].external_id == strict.desk.notes()[0]


def test_tries_of_other_writes_do_not_count(strict: Bench) -> None:
    strict.store(URGENT, REPLY)  # two requests: the fields, then the reply
    strict.desk.faults += ["conflict"] * 3

    assert strict.to_the_end() == [URGENT, REPLY]
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

    with pytest.raises(RetryLater) as later:
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
    with pytest.raises(DeadLetter, match="kept changing under our writes"):
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
        (SUGGESTION, "an agent has answered"),
        ("reply", "an agent has answered"),
    }
    bench.close()


def test_after_an_agents_answer_a_note_of_nothing_but_the_suggestion_is_not_written(strict: Bench) -> None:
    strict.store(VIP, SUGGESTED)
    strict.desk.say("I have called you.", by=ANNA)

    assert strict.carry_out() == [VIP]
    assert strict.desk.notes() == []
    assert yielded(strict) == [{"field": SUGGESTION, "found": "an agent has answered", "rules": ["r1"], "wanted": "written"}]


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


class Dropping(Desk):
    """A helpdesk that takes a priority and does not change it; an agent answers the customer right after the first write."""

    def _apply(self, request: Request) -> Outcome:
        done = super()._apply(request)
        if request.number > 0:
            return done
        self.edit(priority=Priority.NONE)
        self.say("I have called you.", by=ANNA)
        return replace(done, not_applied=(0,))


def test_a_note_that_takes_a_claim_back_is_written_after_an_agents_answer_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Dropping(is_conditional=True))
    content = NoteContent(marker=MARKER)
    bench.store(URGENT, VIP, Note(html=render_note(content), marker=MARKER), content=content)

    assert [each.kind for each in bench.to_the_end()] == ["add_tags", "note", "note"]
    _, correction = [each.body_html for each in bench.desk.ticket.messages if each.is_ours]
    assert "priority urgent: the helpdesk said yes and did not change it" in correction
    assert (bench.states(), yielded(bench)) == (["confirmed", "replaced", "confirmed"], [])
    bench.close()
