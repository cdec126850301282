"""The run's one note: due only where there is something to say, and marked so that nobody can forge it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from adapters.errors import AccessDenied, HelpdeskDown, RateLimited
from adapters.helpdesk import Helpdesk
from adapters.ticket import Company, Macro, MacroPreview, Message, Priority, Ticket
from adapters.writes import Note, PlannedWrite, ProposeMacro, SetPriority
from bot.drafts import Draft
from bot.drafts.types import NO_SOURCE, UNGROUNDED
from bot.writes.note import Proposals, Said, note_writes, preview_macros, safely_preview
from bot.writes.note_claims import after_an_answer
from bot.writes.planner import Yielded
from rules.model.decision import Decision, DraftWish, MacroWish, NoteKind, NoteWish, Notice
from rules.model.facts import Facts
from rules.values.working_hours import WorkingHours
from tests.harness.desk_in_memory import Desk

pytestmark = pytest.mark.both_storages

FACTS = Facts(
    ticket=Ticket(subject="Help", messages=(Message(body_text="All 4,200 records are gone."),)),
    now=datetime(2026, 11, 21, tzinfo=UTC),
    company=Company(csm="lena@example.com"),
)
ADVICE = NoteWish(rule="r3", text="Look at the contract.")
WISH = MacroWish(rule="r2", macro="Refund steps")
ASKED = Decision(drafts=(DraftWish(rule="r1"),))


@dataclass
class Macros:
    """A helpdesk that knows macros and nothing else."""

    known: tuple[Macro, ...] = (Macro(external_id="11", name="Refund steps", text="Hi {{name}}"),)
    text: str = "Hi Nina"
    missing: tuple[str, ...] = ()
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def macros(self) -> list[Macro]:
        self.asked.append("macros")
        if self.is_down:
            raise HelpdeskDown("no answer")
        return list(self.known)

    def preview(self, macro: Macro, ticket: Ticket) -> MacroPreview:
        return MacroPreview(macro=macro, text=self.text, missing=self.missing)


def desk(**settings: object) -> Helpdesk:
    return cast(Helpdesk, Macros(**settings))  # type: ignore[arg-type]


def writes(decision: Decision, draft: Draft | None = None, **more: object) -> list[PlannedWrite]:
    settings: dict[str, object] = {"proposals": Proposals(), "done": (), "yielded": (), "refused": (), **more}
    return list(said(decision, draft, **settings).writes)


def said(decision: Decision, draft: Draft | None = None, **more: object) -> Said:
    settings: dict[str, object] = {"proposals": Proposals(), "done": (), "yielded": (), "refused": (), **more}
    facts = settings.pop("facts", FACTS)
    return note_writes(facts, decision, draft, marker="ABCDEFGH", pack_version="1", **settings)  # type: ignore[arg-type]


def html(found: list[PlannedWrite]) -> str:
    return next(each.write.html for each in found if isinstance(each.write, Note))


def test_nothing_to_say_makes_no_note() -> None:
    assert writes(Decision(priority=Priority.HIGH)) == []


def test_a_draft_makes_one_note_that_carries_the_marker() -> None:
    found = writes(ASKED, Draft(text="We are on it."))

    assert [each.write.kind for each in found] == ["note"]
    assert found[0].rules == ("r1",)
    assert "We are on it." in html(found)
    assert "ABCDEFGH" in html(found)


def test_everything_that_is_said_is_in_the_same_note() -> None:
    decision = Decision(
        drafts=(DraftWish(rule="r1"),),
        notes=(NoteWish(rule="r3", text="Look at the contract."),),
        notices=(Notice(rule="r4", channel="leads", text="An outage at a VIP."),),
    )
    preview = MacroPreview(macro=Macro(name="Refund steps"), text="Hi Nina")

    found = writes(
        decision,
        Draft(text="We are on it."),
        proposals=Proposals(previews=((WISH, preview),)),
        done=(PlannedWrite(write=SetPriority(priority=Priority.URGENT)),),
        yielded=(Yielded(field="team", wanted="Senior", found="Billing"),),
    )

    assert [each.write for each in found if not isinstance(each.write, Note)] == [ProposeMacro(macro="Refund steps")]
    assert found[-1].rules == ("r1", "r3", "r4", "r2")
    for words in (
        "We are on it.",
        "Look at the contract.",
        "An outage at a VIP.",
        "Macro proposed: Refund steps",
        "priority urgent",
        "team (Billing)",
    ):
        assert words in html(found)


def test_a_model_that_failed_is_told_and_a_withheld_offline_draft_is_not() -> None:
    failed = Draft(withheld=True, reason="the model did not answer", drafter="model")

    assert "the model did not answer" in html(writes(ASKED, failed))
    assert writes(ASKED, Draft(withheld=True, reason=NO_SOURCE, drafter="offline")) == []


def test_that_no_article_answers_is_worth_no_note_of_its_own_and_stands_in_one_that_is_written_anyway() -> None:
    reasons = (f"{NO_SOURCE}, the best fits 27%", f"{UNGROUNDED}; without it, {NO_SOURCE}, the best fits 27%")
    for drafter, reason in (("model", reasons[0]), ("offline", reasons[0]), ("model", reasons[1])):
        nothing = Draft(withheld=True, reason=reason, drafter=drafter)

        assert writes(ASKED, nothing) == []
        assert f"<b>No draft</b>: {NO_SOURCE}</p>" in html(writes(replace(ASKED, notes=(ADVICE,)), nothing))


def test_a_notice_alone_makes_a_note_and_is_left_when_an_agent_has_answered() -> None:
    told = said(Decision(notices=(Notice(rule="r", channel="csm", to="the success manager", text="rated 1 of 5"),)))

    assert told.content is not None
    assert "Tell the success manager (lena@example.com): rated 1 of 5." in html(list(told.writes))
    assert after_an_answer(told.content) == told.content


def test_an_escalation_has_the_customers_words_and_the_time() -> None:
    wish = NoteWish(rule="r", text="data loss", kind=NoteKind.ESCALATION, team="Engineering", within=timedelta(minutes=30))

    note = html(writes(Decision(notes=(wish,))))

    assert "For Engineering, answer by 00:30 UTC (30 min): data loss." in note
    assert "Evidence: “All 4,200 records are gone”" in note


def test_the_time_is_shown_in_the_teams_own_zone() -> None:
    wish = NoteWish(rule="r", text="data loss", kind=NoteKind.ESCALATION, within=timedelta(minutes=30))
    facts = replace(FACTS, working_hours=WorkingHours(timezone="Europe/Berlin"))

    assert "Answer by 01:30 CET (30 min)" in html(list(said(Decision(notes=(wish,)), facts=facts).writes))


def test_evidence_gives_way_where_a_note_is_long_already() -> None:
    wish = NoteWish(rule="r", text="data loss", kind=NoteKind.ESCALATION)
    messages = (Message(body_text="Order 4711 failed with error 500. Order 4712 failed with error 502 at 09:40 in the morning."),)
    facts = replace(FACTS, ticket=replace(FACTS.ticket, messages=messages))
    long = NoteWish(rule="l", text="word " * 90)

    has_room, has_none = (html(list(said(Decision(notes=notes), facts=facts).writes)) for notes in ((wish,), (wish, long)))

    assert "“Order 4711 failed with error 500”, “Order 4712" in has_room
    assert has_none.count("Order 471") == 1


def test_a_macro_in_another_language_is_not_proposed() -> None:
    text = "Hello Nina,\n\na refund needs the invoice number and the date. It reaches your account within ten working days."

    found = [preview_macros(desk(text=text), Ticket(), [WISH], language) for language in ("de", "en", "")]

    assert [bool(each.previews) for each in found] == [False, True, True]
    assert "is in en, the customer writes de" in found[0].skipped[0]


def test_a_macro_is_known_by_name_and_by_id() -> None:
    for name in ("refund STEPS", "11"):
        assert [each[1].text for each in preview_macros(desk(), Ticket(), [MacroWish(rule="r", macro=name)]).previews] == [
            "Hi Nina"
        ]


def test_a_macro_with_an_empty_placeholder_is_not_proposed() -> None:
    found = preview_macros(desk(missing=("requester.first_name",)), Ticket(), [WISH])

    assert found.previews == ()
    assert "requester.first_name would be empty" in found.skipped[0]


def test_a_macro_that_is_missing_or_switched_off_is_told() -> None:
    off = (Macro(external_id="11", name="Refund steps", is_active=False),)

    for known in ((), off):
        assert "missing or switched off" in preview_macros(desk(known=known), Ticket(), [WISH]).skipped[0]


def test_macros_that_cannot_be_read_do_not_stop_the_run() -> None:
    assert safely_preview(desk(is_down=True), Ticket(), [WISH]).skipped == ("macros could not be read: HelpdeskDown",)


def test_macros_are_not_read_where_none_is_wished() -> None:
    helpdesk = Macros()

    preview_macros(cast(Helpdesk, helpdesk), Ticket(), [])

    assert helpdesk.asked == []


class MacroDesk:
    def __init__(self, error: Exception) -> None:
        self.error = error

    def macros(self) -> list[Any]:
        raise self.error


@pytest.mark.parametrize("error", [RateLimited(3.0), AccessDenied("401")])
def test_a_limit_met_at_the_macros_stops_the_run(error: Exception) -> None:
    with pytest.raises(type(error)):
        safely_preview(MacroDesk(error), Desk().ticket, [MacroWish(rule="r", macro="m")])  # type: ignore[arg-type]


def test_a_helpdesk_that_fails_at_the_macros_costs_only_them() -> None:
    found = safely_preview(MacroDesk(HelpdeskDown("x")), Desk().ticket, [MacroWish(rule="r", macro="m")])  # type: ignore[arg-type]

    assert found.skipped == ("macros could not be read: HelpdeskDown",)
