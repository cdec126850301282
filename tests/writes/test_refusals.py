"""A refused write costs only itself: what the helpdesk names is left out of a next request, twice at most, and remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.ticket import Priority, Status
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Note,
    Outcome,
    PlannedWrite,
    ProposeMacro,
    RemoveTags,
    Reply,
    Result,
    SetAssignee,
    SetField,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)
from bot.drafts.note import NoteContent, render_note
from bot.runtime.retry import DeadLetter
from bot.store import dead_letters, refused_writes
from bot.store.database.schema import due
from bot.store.refused_writes import RefusedWrite
from bot.writes import ledger, refusals
from rules.model.decision import NoteWish
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY, NOTE, START, URGENT, VIP, Desk

pytestmark = pytest.mark.both_storages

LENA = SetAssignee(agent="lead.lena@example.com")
SENIOR = SetTeam(team="Tier 2")
CONTENT = NoteContent(marker="ABCD2345", notes=(NoteWish(rule="r1", text="Look at the contract."),))
TOLD = Note(html=render_note(CONTENT), marker="ABCD2345")
REPLY = Reply(text="We are on it.")


def note_of(bench: Bench) -> str:
    [note] = [each.body_html for each in bench.desk.ticket.messages if each.is_ours and not each.is_public]
    return note


def known(bench: Bench) -> list[tuple[str, str]]:
    with bench.engine.begin() as connection:
        return [(each.field, each.words) for each in refused_writes.of_account(connection, KEY.account, START)]


# what is left out


def test_what_the_helpdesk_names_is_left_out_and_the_rest_stands_once(strict: Bench) -> None:
    strict.store(URGENT, LENA, VIP, TOLD, content=CONTENT)
    strict.desk.faults.append("refused:1")

    assert strict.carry_out() == [URGENT, VIP, TOLD]
    assert (strict.desk.ticket.priority, strict.desk.ticket.tags) == (Priority.URGENT, frozenset({"vip"}))
    assert strict.desk.calls == ["send", "send"]
    assert strict.states() == ["replaced", "confirmed"]
    assert "Done</b> priority urgent, tag vip<" in note_of(strict)
    assert "assignee lead.lena@example.com: 422 invalid" in note_of(strict)
    assert known(strict) == [("set_assignee", "assignee lead.lena@example.com")]


def test_two_that_are_named_one_after_the_other_are_both_left_out(strict: Bench) -> None:
    strict.store(URGENT, LENA, SENIOR, TOLD, content=CONTENT)
    strict.desk.faults += ["refused:1", "refused:2"]

    assert strict.carry_out() == [URGENT, TOLD]
    assert strict.desk.calls == ["send"] * 3
    assert [field for field, _ in known(strict)] == ["set_assignee", "set_team"]
    assert "team Tier 2: 422 invalid" in note_of(strict)


def test_after_two_further_tries_it_is_over(strict: Bench) -> None:
    strict.store(URGENT, LENA, SENIOR, VIP, TOLD, content=CONTENT)
    strict.desk.faults += ["refused:1", "refused:2", "refused:3"]

    assert strict.carry_out() == []
    assert strict.desk.calls == ["send"] * 3
    assert strict.states() == ["replaced", "replaced", "failed"]


def test_where_nothing_is_named_the_likelier_half_goes_first(strict: Bench) -> None:
    strict.store(URGENT, LENA, SENIOR, VIP, TOLD, content=CONTENT)
    strict.desk.faults.append("refused")

    assert strict.carry_out() == [URGENT, VIP, TOLD]
    assert strict.desk.calls == ["send", "send"]
    assert "which of them it means is not said" in note_of(strict)
    assert known(strict) == []  # an innocent one would be kept from the next tickets


def test_and_then_everything_but_the_note(strict: Bench) -> None:
    strict.store(URGENT, LENA, SENIOR, VIP, TOLD, content=CONTENT)
    strict.desk.faults += ["refused", "refused"]

    assert strict.carry_out() == [TOLD]
    assert strict.desk.calls == ["send"] * 3


def test_a_single_field_beside_a_note_is_proven_by_the_note_that_lands_without_it(strict: Bench) -> None:
    strict.store(LENA, TOLD, content=CONTENT)
    strict.desk.faults.append("refused")

    assert strict.carry_out() == [TOLD]
    assert [field for field, _ in known(strict)] == ["set_assignee"]


def test_a_note_that_is_refused_whatever_comes_with_it_proves_nothing(strict: Bench) -> None:
    strict.store(LENA, TOLD, content=CONTENT)
    strict.desk.faults += ["refused", "refused"]

    assert strict.carry_out() == []
    assert known(strict) == []


def test_the_only_field_of_a_request_is_the_one_that_was_meant(bench: Bench) -> None:
    bench.store(LENA, TOLD, content=CONTENT)
    bench.desk.faults.append("refused")

    assert bench.carry_out() == [TOLD]
    assert bench.states() == ["failed", "confirmed"]
    assert [field for field, _ in known(bench)] == ["set_assignee"]
    assert "assignee lead.lena@example.com: 422 invalid" in note_of(bench)


def test_fields_are_halved_twice_where_nothing_is_said_with_them(bench: Bench) -> None:
    bench.store(URGENT, LENA, SENIOR, VIP, NOTE)
    bench.desk.faults += ["refused", "refused"]

    assert bench.carry_out() == [VIP, NOTE]
    assert bench.desk.calls == ["send"] * 4


def test_the_note_still_goes_last_after_fields_that_were_made_anew(bench: Bench) -> None:
    bench.store(URGENT, LENA, TOLD, content=CONTENT)
    bench.desk.faults.append("refused:1")

    bench.carry_out()

    assert [each.request.operation for each in bench.requests() if each.state == "confirmed"] == ["set_priority", "note"]
    assert "Done</b> priority urgent<" in note_of(bench)


def test_one_tag_of_several_costs_only_itself(bench: Bench) -> None:
    both = AddTags(tags=frozenset({"vip", "Bad"}))
    bench.store(both, TOLD, content=CONTENT)
    bench.desk.faults.append("refused_tag:bad")

    assert bench.carry_out() == [VIP, TOLD]
    assert bench.desk.ticket.tags == {"vip"}
    assert "Done</b> tag vip<" in note_of(bench)
    assert "tag bad: 422 invalid" in note_of(bench)
    assert known(bench) == [("add_tags", "tag bad")]


def test_a_tag_by_which_a_priority_is_carried_costs_the_priority(bench: Bench) -> None:
    bench.store(URGENT, TOLD, content=CONTENT)
    bench.desk.faults.append("refused_tag:priority-urgent")

    assert bench.carry_out() == [TOLD]
    assert known(bench) == [("set_priority", "priority urgent")]


def test_a_refused_tag_stays_out_when_the_ticket_changes_under_the_next_try(strict: Bench) -> None:
    strict.store(AddTags(tags=frozenset({"vip", "bad"})), TOLD, content=CONTENT)
    strict.desk.faults += ["refused_tag:bad", "conflict"]

    assert strict.carry_out() == [VIP, TOLD]
    assert strict.desk.ticket.tags == {"vip"}


def test_a_refused_note_leaves_the_fields(strict: Bench) -> None:
    strict.store(URGENT, ProposeMacro(macro="Refund"), TOLD, content=CONTENT)
    strict.desk.faults.append("refused:2")

    assert URGENT in strict.carry_out()
    assert strict.desk.notes("ABCD2345") == []
    assert known(strict) == []


def test_with_nothing_left_but_a_proposed_macro_nothing_is_sent(strict: Bench) -> None:
    strict.store(ProposeMacro(macro="Refund"), TOLD, content=CONTENT)
    strict.desk.faults.append("refused:1")

    assert strict.carry_out() == []
    assert strict.states() == ["failed"]


def test_a_public_reply_is_sent_once_whatever_was_refused_beside_it(strict: Bench) -> None:
    strict.store(URGENT, LENA, REPLY)
    strict.desk.faults.append("refused:1")

    assert strict.carry_out() == [URGENT, REPLY]
    assert strict.desk.replies() == [REPLY.text]
    assert strict.states()[:3] == ["replaced", "replaced", "confirmed"]


def test_a_public_reply_that_is_refused_is_not_tried_again(strict: Bench) -> None:
    strict.store(REPLY)
    strict.desk.faults.append("refused")

    assert strict.carry_out() == []
    assert strict.desk.calls == ["send"]


# no try


def test_a_refusal_of_the_ticket_itself_is_the_end(strict: Bench) -> None:
    strict.store(URGENT, LENA, TOLD, content=CONTENT)
    strict.desk.faults.append("rejected")

    assert strict.carry_out() == []
    assert strict.desk.calls == ["send"]
    assert known(strict) == []


def test_after_a_lost_answer_there_is_no_such_try(bench: Bench) -> None:
    bench.store(URGENT, LENA)
    bench.desk.faults += ["lost", "refused:1"]

    assert bench.to_the_end() == []
    assert bench.states() == ["replaced", "failed"]
    assert [field for field, _ in known(bench)] == ["set_assignee"]


def test_a_conflict_before_it_is_no_lost_answer(strict: Bench) -> None:
    strict.store(URGENT, LENA, TOLD, content=CONTENT)
    strict.desk.faults += ["conflict", "refused:1"]

    assert strict.to_the_end() == [URGENT, TOLD]


def test_a_refused_try_is_no_reason_to_look_for_a_second_note(strict: Bench) -> None:
    strict.store(LENA, TOLD, content=CONTENT)
    strict.desk.faults.append("refused:0")
    strict.carry_out()

    with strict.engine.begin() as connection:
        assert connection.execute(select(due.c.at)).scalars().all() == []


def test_a_note_that_is_refused_after_a_lost_answer_waits_for_a_person(strict: Bench) -> None:
    strict.store(URGENT, LENA, TOLD, content=CONTENT)
    strict.desk.faults += ["lost", "refused:1"]

    with pytest.raises(DeadLetter, match="422 invalid"):
        strict.to_the_end()
    with strict.engine.begin() as connection:
        dead_letters.set_plan_aside(connection, KEY, "a person must look", START)
        dead_letters.take_up(connection, KEY, START)
    strict.desk.faults.append("refused:1")

    assert strict.to_the_end() == [URGENT, TOLD]
    assert len(strict.desk.notes("ABCD2345")) == 1


@pytest.mark.parametrize("place", ["intent_stored", "response_received", "confirmed"])
@pytest.mark.parametrize("is_conditional", [False, True])
def test_a_worker_that_dies_around_a_refusal_leaves_one_note_or_a_dead_letter(
    tmp_path: Path, place: str, is_conditional: bool
) -> None:
    for at in (1, 2):
        bench = Bench(tmp_path / f"{place}{at}", Desk(is_conditional=is_conditional))
        bench.store(URGENT, LENA, TOLD, content=CONTENT)
        bench.desk.faults.append("refused:1")
        bench.die_at = {place: at}

        try:
            assert TOLD in bench.to_the_end()
            assert len(bench.desk.notes("ABCD2345")) == 1
        except DeadLetter:
            assert (place, at, is_conditional) == ("intent_stored", 1, True)
        bench.close()


# what is remembered


def remembered(write: Write, *, is_any: bool = False) -> RefusedWrite:
    """What the table keeps of this write."""
    field, value = refusals._named(write)
    return RefusedWrite(
        key=KEY, field=field, value_hash="" if is_any else refusals._hash(value), words="w", why="422 invalid", refused_at=START
    )


def planned(*writes: Write) -> list[PlannedWrite]:
    return [PlannedWrite(write=write) for write in writes]


def test_what_is_known_is_left_out_of_a_plan_and_told() -> None:
    left, told = refusals.without_known(planned(URGENT, LENA, NOTE), [remembered(LENA)])

    assert [each.write for each in left] == [URGENT, NOTE]
    assert told == ["assignee lead.lena@example.com: refused at 09:30 UTC (422 invalid), not asked again before 10:30"]


@pytest.mark.parametrize(
    "write",
    [
        LENA, SENIOR, URGENT, VIP, RemoveTags(tags=frozenset({"a", "b"})), SetStatus(status=Status.SOLVED), Link(to="7"),
        SetField(slug="region", value=("a", "b")), AddFollower(email="Boss@example.com"), SuppressSurvey(),
    ],
    ids=lambda write: write.kind,
)  # fmt: skip
def test_every_kind_of_field_is_known_again_by_its_value(write: Write) -> None:
    assert refusals.without_known(planned(write), [remembered(write)])[0] == []


def test_another_value_is_asked_for_and_an_unknown_field_is_not_asked_for_at_all() -> None:
    low, gold = SetAssignee(agent=ANNA.email), SetField(slug="plan", value="gold")
    silver = SetField(slug="plan", value="silver")

    assert len(refusals.without_known(planned(low, silver), [remembered(LENA), remembered(gold)])[0]) == 2
    assert refusals.without_known(planned(silver), [remembered(gold, is_any=True)])[0] == []
    assert len(refusals.without_known(planned(SetField(slug="region", value="silver")), [remembered(gold, is_any=True)])[0]) == 1


def test_of_tags_those_that_were_refused_are_left_out() -> None:
    left, told = refusals.without_known(
        planned(AddTags(tags=frozenset({"vip", "Bad"})), RemoveTags(tags=frozenset({"bad"}))),
        [remembered(AddTags(tags=frozenset({"bad"})))],
    )

    assert [each.write for each in left] == [VIP, RemoveTags(tags=frozenset({"bad"}))]
    assert [each.partition(":")[0] for each in told] == ["tag Bad"]


def test_what_is_kept_holds_no_value_of_a_field_and_no_address(strict: Bench) -> None:
    strict.store(SetField(slug="summary", value="my secret"), AddFollower(email="nina@example.com"), Link(to="12345"), TOLD)
    strict.desk.faults.append("refused:0,1,2")
    strict.carry_out()

    assert [words for _, words in known(strict)] == ["a person in copy", "a link", "summary"]
    with strict.engine.begin() as connection:
        kept = str(refused_writes.newest(connection, START))
    assert not [word for word in ("secret", "nina", "12345") if word in kept]


def test_what_was_refused_without_a_call_is_asked_for_again(bench: Bench) -> None:
    outcome = Outcome(result=Result.REJECTED, reason="no such team", is_about_values=True, was_asked=False)
    bench.store(SENIOR)
    work = bench.work()

    assert [*refusals.to_remember(work, refusals.named_in(work, bench.requests()[0], outcome), outcome)] == []


def test_a_refusal_is_told_in_the_log_above_info(strict: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    strict.store(LENA, TOLD, content=CONTENT)
    strict.desk.faults.append("refused:0")
    strict.carry_out()

    [line] = [line for line in capsys.readouterr().err.splitlines() if "write.refused" in line]
    assert "warning" in line
    assert "set_assignee" in line


def test_the_run_tells_what_was_left_out_and_why(strict: Bench) -> None:
    strict.store(URGENT, LENA, SENIOR, TOLD, content=CONTENT)
    strict.desk.faults += ["refused:1", "refused"]
    work = strict.work()
    ledger.carry_out(work)

    assert refusals.told(work.run.plan, strict.requests()) == [
        "refused: assignee lead.lena@example.com (422 invalid)",
        "refused: priority urgent (422 invalid; which of them is not said)",
        "refused: team Tier 2 (422 invalid; which of them is not said)",
    ]
