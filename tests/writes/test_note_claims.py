"""The note is rendered when it leaves, and claims only what was confirmed by then or goes in the very same request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.codec import Unreadable, dumps, loads, to_json
from adapters.errors import RateLimited
from adapters.ticket import Macro, MacroPreview, Priority
from adapters.writes import (
    REFUSE,
    AddFollower,
    AddTags,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    RemoveTags,
    Request,
    Result,
    SetField,
    SetTeam,
    Support,
)
from bot.drafts import Draft
from bot.drafts.note import NoteContent, render_note
from bot.store import refused_writes, runs
from bot.writes import ledger, refusals
from bot.writes.note_claims import SUGGESTION, Claims, after_an_answer, claiming, content_of
from bot.writes.planner import Yielded
from rules.model.decision import NoteWish
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY, START, URGENT, US, VIP, Desk

pytestmark = pytest.mark.both_storages

CONTENT = NoteContent(
    marker="ABCD2345",
    draft=Draft(text="We are on it."),
    notes=(NoteWish(rule="r1", text="Look at the contract."),),
    macros=(MacroPreview(macro=Macro(name="Refund steps"), text="Hi Nina"),),
)
PLANNED = Note(html=render_note(claiming(CONTENT, Claims(done=(URGENT, VIP)))), marker="ABCD2345")


def note_of(bench: Bench) -> str:
    [note] = [each.body_html for each in bench.desk.ticket.messages if each.is_ours]
    return note


def done_in(note: str) -> str:
    """What the note says was done, "" where it says nothing of that."""
    _, _, behind = note.partition("<b>Done</b> ")
    return behind.partition("<")[0]


# what is claimed


def test_content_is_read_back_as_it_was_stored() -> None:
    plan = Plan(ticket=KEY, note_content=to_json(CONTENT))

    assert content_of(plan) == CONTENT
    assert content_of(Plan(ticket=KEY)) is None


def test_content_of_a_newer_version_is_left_to_it() -> None:
    with pytest.raises(Unreadable, match="NoteContent"):
        content_of(Plan(ticket=KEY, note_content={**to_json(CONTENT), "mood": "sunny"}))


def test_what_the_request_of_the_note_itself_carries_is_claimed(strict: Bench) -> None:
    strict.store(URGENT, VIP, PLANNED, content=CONTENT)

    strict.carry_out()

    assert done_in(note_of(strict)) == "priority urgent, tag vip"
    assert note_of(strict) == PLANNED.html


def test_what_a_person_changed_meanwhile_is_not_claimed_but_told(strict: Bench) -> None:
    strict.store(URGENT, VIP, PLANNED, content=CONTENT)
    strict.desk.edit(priority=Priority.LOW)

    strict.carry_out()

    assert done_in(note_of(strict)) == "tag vip"
    assert "a person changed it:</b> priority (low)" in note_of(strict)


def test_a_tag_that_a_person_took_off_is_not_claimed_with_the_others(strict: Bench) -> None:
    strict.desk.edit(tags=frozenset({"old", "older"}))
    strict.store(AddTags(tags=frozenset({"a", "b"})), RemoveTags(tags=frozenset({"older", "old"})), PLANNED, content=CONTENT)
    gave_way(strict, "tag:b", "tag:old")

    strict.carry_out()

    assert done_in(note_of(strict)) == "tag a, tag older off"


def test_what_is_left_of_no_tag_is_not_claimed(strict: Bench) -> None:
    strict.store(VIP, PLANNED, content=CONTENT)
    work = strict.work()
    work.yielded.append(Yielded(field="tag:vip", wanted="on", found="taken off by a person"))

    ledger.carry_out(work)

    assert done_in(note_of(strict)) == ""
    assert "tag:vip (taken off by a person)" in note_of(strict)


def gave_way(bench: Bench, *fields: str) -> None:
    """What an earlier worker recorded of this run before it died."""
    with bench.engine.begin() as connection:
        runs.keep_yielded(connection, "run-1", [{"field": each, "wanted": "on", "found": "else", "rules": []} for each in fields])


def test_what_gave_way_under_an_earlier_worker_is_told(strict: Bench) -> None:
    strict.store(URGENT, PLANNED, content=CONTENT)
    gave_way(strict, "team")

    strict.carry_out()

    assert "team (else)" in note_of(strict)


def test_a_write_before_the_note_that_was_refused_is_told_with_the_reason(bench: Bench) -> None:
    bench.store(URGENT, PLANNED, content=CONTENT)
    bench.desk.faults.append("rejected")

    bench.carry_out()

    assert done_in(note_of(bench)) == ""
    assert "priority urgent: the vendor refused it" in note_of(bench)


def test_a_request_that_was_refused_as_a_whole_is_told_write_by_write(bench: Bench) -> None:
    bench.store(URGENT, VIP, PLANNED, content=CONTENT)
    bench.desk.faults.append("rejected")

    bench.carry_out()

    assert done_in(note_of(bench)) == ""
    for words in ("priority urgent", "tag vip"):
        assert f"{words}: the vendor refused it" in note_of(bench)


def test_a_write_before_the_note_that_was_dropped_without_a_word_is_told(bench: Bench) -> None:
    bench.store(URGENT, PLANNED, content=CONTENT)
    bench.desk.faults.append("not_applied")

    bench.carry_out()

    assert done_in(note_of(bench)) == ""
    assert "priority urgent: the helpdesk said yes and did not change it" in note_of(bench)


class Dropping(Desk):
    """A helpdesk that takes a priority and a field of the account's own, and changes neither."""

    def _apply(self, request: Request) -> Outcome:
        done = super()._apply(request)
        lost = [each for each in request.writes if each in (0, 1) and done.result is Result.CONFIRMED]
        self.edit(priority=Priority.NONE, custom={})
        return replace(done, not_applied=tuple(lost))


GOLD = SetField(slug="plan", value="gold")


def test_what_was_dropped_beside_the_note_is_taken_back_by_a_second_note(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Dropping(is_conditional=True))
    bench.store(URGENT, GOLD, VIP, PLANNED, content=CONTENT)

    written = bench.to_the_end()

    first, second = [each.body_html for each in bench.desk.ticket.messages if each.is_ours]
    assert done_in(first) == "priority urgent, plan gold, tag vip"
    assert done_in(second) == ""
    for words in ("priority urgent", "plan gold"):
        assert f"{words}: the helpdesk said yes and did not change it" in second
    assert "tag vip" not in second
    assert "Suggested reply" not in second
    assert [each.kind for each in written] == ["add_tags", "note", "note"]
    bench.close()


def test_a_field_that_was_dropped_is_not_claimed_on_the_next_ticket(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Dropping(is_conditional=True))
    bench.store(URGENT, GOLD, VIP, PLANNED, content=CONTENT)
    bench.to_the_end()

    with bench.engine.begin() as connection:
        known = refused_writes.of_account(connection, KEY.account, START)
    left, told = refusals.without_known([PlannedWrite(write=each) for each in (URGENT, GOLD)], known)

    assert [each.write for each in left] == [URGENT]
    assert told[0].startswith("plan gold: refused at 09:30 UTC (the helpdesk said yes and did not change it)")
    bench.close()


@pytest.mark.parametrize("place", ["intent_stored", "request_sent", "response_received", "confirmed"])
@pytest.mark.parametrize("at", [1, 2])
def test_a_worker_that_dies_around_a_correction_leaves_each_note_once(tmp_path: Path, place: str, at: int) -> None:
    bench = Bench(tmp_path, Dropping(is_conditional=True))
    bench.store(URGENT, GOLD, VIP, PLANNED, content=CONTENT)
    bench.die_at = {place: at}

    bench.to_the_end()

    ours = [each.body_html for each in bench.desk.ticket.messages if each.is_ours]
    assert sum("ABCD2345" in each for each in ours) == 1
    assert len(ours) <= 2
    bench.close()


class Apart(Desk):
    """Each write in a request of its own, a tag too; the note before the last."""

    def to_requests(self, plan: Plan, ticket: object) -> list[Request]:
        return [self._request(plan, self.ticket, place, [place]) for place in range(len(plan.writes))]


def test_a_write_that_is_still_open_is_not_claimed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Apart())
    bench.store(URGENT, PLANNED, VIP, content=CONTENT)

    assert len(bench.carry_out()) == 3
    assert done_in(note_of(bench)) == "priority urgent"
    bench.close()


def test_a_write_of_two_requests_is_claimed_with_both(tmp_path: Path) -> None:
    """Intercom: a priority is carried by one tag that goes on and another that comes off."""

    class Twice(Apart):
        def to_requests(self, plan: Plan, ticket: object) -> list[Request]:
            first, *others = super().to_requests(plan, ticket)
            return [first, replace(first, number=1), *(replace(each, number=each.number + 1) for each in others)]

    for faults, claimed in (([""], "priority urgent"), (["", "rejected"], ""), (["", "not_applied"], "")):
        bench = Bench(tmp_path / claimed / "-".join(faults), Twice())
        bench.store(URGENT, PLANNED, content=CONTENT)
        bench.desk.faults += faults
        bench.carry_out()
        assert done_in(note_of(bench)) == claimed
        bench.close()


def test_what_a_person_asked_for_is_not_told_back_to_them(bench: Bench) -> None:
    bench.store(VIP, PLANNED, content=CONTENT, by="draft:dh-accept")

    bench.carry_out()

    assert done_in(note_of(bench)) == ""


def test_what_becomes_a_request_to_people_was_not_done(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = AddFollower(email="boss@example.com")
    adapter = bench.desk.helpdesk().adapter
    instead = replace(adapter.capabilities["add_follower"], support=Support.FALLBACK, is_read_back=False)
    monkeypatch.setattr("tests.harness.desk_in_memory._Everything.__missing__", lambda self, kind: instead)
    bench.store(copy, PLANNED, content=CONTENT)

    bench.carry_out()

    assert done_in(note_of(bench)) == ""


class Knowing(Desk):
    """A helpdesk whose adapter knows that there is no such team: of that it makes a request that is refused without a call."""

    def to_requests(self, plan: Plan, ticket: object) -> list[Request]:
        made = super().to_requests(plan, self.ticket)
        refused = {"operation": REFUSE, "arguments": {"reason": "there is no team Tier 9"}}
        return [replace(each, **refused) if each.operation == "set_team" else each for each in made]  # type: ignore[arg-type]

    def _fault(self, fault: str, request: Request) -> Outcome:
        if request.operation == REFUSE:
            return Outcome(result=Result.REJECTED, reason=str(request.arguments["reason"]))
        return super()._fault(fault, request)


def test_what_the_adapter_cannot_ask_for_is_told_in_its_words(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Knowing())
    bench.store(SetTeam(team="Tier 9"), PLANNED, content=CONTENT)

    bench.carry_out()

    assert done_in(note_of(bench)) == ""
    assert note_of(bench).count("Tier 9") == 1
    assert "there is no team Tier 9" in note_of(bench)
    bench.close()


def test_what_is_refused_is_told_once_and_after_what_was_known_before() -> None:
    said = claiming(replace(CONTENT, refused=("no such macro",)), Claims(refused=("no such macro", "no such team")))

    assert said.refused == ("no such macro", "no such team")


# what came too late


@pytest.mark.parametrize("is_conditional", [False, True])
def test_after_an_agents_answer_the_suggestion_is_left_out_also_at_the_next_try(tmp_path: Path, is_conditional: bool) -> None:
    bench = Bench(tmp_path, Desk(is_conditional=is_conditional))
    bench.store(VIP, PLANNED, content=CONTENT)
    bench.pass_time(1)
    bench.desk.say("I have called you.", by=ANNA)
    bench.desk.faults += ["", "lost"] if not is_conditional else ["", "conflict"]

    bench.to_the_end()

    [note] = [each.body_html for each in bench.desk.ticket.messages if each.author_id == US.external_id]
    assert "We are on it." not in note
    assert "Look at the contract." in note
    assert done_in(note) == "tag vip"
    assert SUGGESTION not in note
    bench.close()


def test_a_note_of_nothing_but_a_suggestion_is_not_written_after_an_answer(strict: Bench) -> None:
    content = replace(CONTENT, notes=())
    strict.store(VIP, PLANNED, content=content)
    strict.desk.say("I have called you.", by=ANNA)

    assert strict.carry_out() == [VIP]
    assert after_an_answer(content) is None


def test_a_note_that_suggests_nothing_gives_nothing_up(strict: Bench) -> None:
    plain = replace(CONTENT, draft=None, macros=())
    strict.store(VIP, PLANNED, content=plain)
    strict.desk.say("I have called you.", by=ANNA)
    work = strict.work()

    assert ledger.carry_out(work) == [VIP, PLANNED]
    assert work.yielded == []


# what is stored


def test_what_is_stored_of_a_sent_note_is_what_left(bench: Bench) -> None:
    bench.store(URGENT, PLANNED, content=CONTENT)
    bench.desk.faults.append("rejected")

    bench.carry_out()

    [sent] = [each for each in bench.requests() if each.request.marker]
    [planned] = loads(tuple[PlannedWrite, ...], dumps(sent.request.arguments["writes"]))
    assert planned.write == replace(PLANNED, html=note_of(bench))
    assert note_of(bench) != PLANNED.html


def test_a_note_that_did_not_leave_stands_as_it_was_planned(bench: Bench) -> None:
    bench.store(URGENT, PLANNED, content=CONTENT)
    before = bench.requests()[1].request
    bench.desk.faults += ["rejected", "limited"]

    with pytest.raises(RateLimited):
        bench.carry_out()

    assert bench.requests()[1].request == before
    bench.carry_out()
    assert "priority urgent: the vendor refused it" in note_of(bench)


def test_a_note_of_an_older_versions_plan_is_sent_as_it_was_planned(bench: Bench) -> None:
    bench.store(URGENT, PLANNED)
    bench.desk.faults.append("rejected")

    bench.carry_out()

    assert note_of(bench) == PLANNED.html


def test_a_note_that_is_not_the_plans_own_is_sent_as_it_was_made(tmp_path: Path) -> None:
    """Intercom writes a note of its own where it can say something in words only."""

    class Wordy(Desk):
        def to_requests(self, plan: Plan, ticket: object) -> list[Request]:
            made = super().to_requests(plan, self.ticket)
            return [replace(each, marker="OTHER234") if each.marker else each for each in made]

    bench = Bench(tmp_path, Wordy())
    bench.store(URGENT, PLANNED, content=CONTENT)
    bench.desk.faults.append("rejected")

    bench.carry_out()

    assert note_of(bench) == PLANNED.html
    bench.close()
