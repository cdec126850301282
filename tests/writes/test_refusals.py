"""A refused write costs only itself: what the helpdesk names is left out of a next request, however often."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.ticket import Priority, Status
from adapters.writes import (
    AddTags,
    Note,
    ProposeMacro,
    Reply,
    SetAssignee,
    SetField,
    SetStatus,
    SetTeam,
)
from bot.drafts.note import NoteContent, render_note
from bot.runtime.retry import DeadLetter
from bot.store import dead_letters, refused_writes
from bot.store.database.schema import due
from bot.writes import refusals
from rules.model.decision import NoteWish
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import KEY, NOTE, START, URGENT, VIP, Desk

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


def test_all_fields_that_are_named_one_after_the_other_are_left_out_and_the_note_stands(strict: Bench) -> None:
    fields = (
        LENA,
        SENIOR,
        SetStatus(status=Status.PENDING),
        SetField(slug="plan", value="gold"),
        SetField(slug="area", value="x"),
    )
    strict.store(AddTags(tags=frozenset({"vip", "bad"})), URGENT, *fields, TOLD, content=CONTENT)
    strict.desk.faults += [*(f"refused:{place}" for place in (2, 3, 4, 5, 6)), "refused_tag:bad", "conflict"]

    strict.to_the_end()

    assert (strict.desk.ticket.priority, strict.desk.ticket.tags) == (Priority.URGENT, frozenset({"vip"}))
    assert strict.desk.calls.count("send") == 8
    assert len(strict.desk.notes("ABCD2345")) == 1
    assert len(known(strict)) == 6
    for words in ("assignee lead.lena", "team Tier 2", "status pending", "plan gold", "area x", "tag bad"):
        assert words in note_of(strict).split("Not possible here:")[1]
    assert "Done</b> tag vip, priority urgent<" in note_of(strict)
    assert len(refusals.told(strict.work().run.plan, strict.requests())) == 6


def test_a_helpdesk_that_names_the_same_for_ever_comes_to_an_end_with_the_note(strict: Bench) -> None:
    strict.store(URGENT, LENA, VIP, TOLD, content=CONTENT)
    strict.desk.faults += ["refused:1"] * 3

    assert strict.carry_out() == [TOLD]
    assert strict.desk.calls == ["send"] * 4


def test_a_note_that_is_refused_for_ever_is_over(strict: Bench) -> None:
    strict.store(URGENT, LENA, SENIOR, VIP, TOLD, content=CONTENT)
    strict.desk.faults += ["refused"] * 9

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


def test_of_two_that_were_left_out_unnamed_only_the_last_is_proven(strict: Bench) -> None:
    strict.store(URGENT, LENA, TOLD, content=CONTENT)
    strict.desk.faults += ["refused", "refused"]

    assert strict.carry_out() == [TOLD]
    assert [field for field, _ in known(strict)] == ["set_priority"]


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
