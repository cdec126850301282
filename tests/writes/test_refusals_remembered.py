"""What a helpdesk refused is remembered for an hour, by hashes and words of our own, and told."""

from __future__ import annotations

import pytest

from adapters.ticket import Status
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Note,
    Outcome,
    PlannedWrite,
    RemoveTags,
    Result,
    SetAssignee,
    SetField,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)
from bot.drafts.note import NoteContent, render_note
from bot.store import refused_writes
from bot.store.refused_writes import RefusedWrite
from bot.writes import ledger, refusals
from rules.model.decision import NoteWish
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY, NOTE, START, URGENT, VIP

pytestmark = pytest.mark.both_storages

LENA = SetAssignee(agent="lead.lena@example.com")
SENIOR = SetTeam(team="Tier 2")
CONTENT = NoteContent(marker="ABCD2345", notes=(NoteWish(rule="r1", text="Look at the contract."),))
TOLD = Note(html=render_note(CONTENT), marker="ABCD2345")


def known(bench: Bench) -> list[tuple[str, str]]:
    with bench.engine.begin() as connection:
        return [(each.field, each.words) for each in refused_writes.of_account(connection, KEY.account, START)]


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
        "refused: team Tier 2 (422 invalid; which of them is not said)",
    ]
