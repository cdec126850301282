"""The run's one note: due only where there is something to say, and marked so that nobody can forge it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

import pytest

from adapters.errors import HelpdeskDown
from adapters.helpdesk import Helpdesk
from adapters.ticket import Macro, MacroPreview, Message, Priority, Ticket, TicketKey, TicketKind
from adapters.writes import Note, PlannedWrite, ProposeMacro, SetPriority
from bot.drafts import Draft
from bot.writes.note import Proposals, Said, note_writes, preview_macros, safely_preview
from bot.writes.note_marker import is_marker, marker, new_marker
from bot.writes.planner import Yielded
from rules.model.decision import Decision, DraftWish, MacroWish, NoteWish, Notice
from rules.model.facts import Facts

pytestmark = pytest.mark.both_storages

FACTS = Facts(ticket=Ticket(subject="Help"), now=datetime(2026, 11, 21, tzinfo=UTC))
WISH = MacroWish(rule="r2", macro="Refund steps")
ASKED = Decision(drafts=(DraftWish(rule="r1"),))


@dataclass
class Macros:
    """A helpdesk that knows macros and nothing else."""

    known: tuple[Macro, ...] = (Macro(external_id="11", name="Refund steps", text="Hi {{name}}"),)
    missing: tuple[str, ...] = ()
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def macros(self) -> list[Macro]:
        self.asked.append("macros")
        if self.is_down:
            raise HelpdeskDown("no answer")
        return list(self.known)

    def preview(self, macro: Macro, ticket: Ticket) -> MacroPreview:
        return MacroPreview(macro=macro, text="Hi Nina", missing=self.missing)


def desk(**settings: object) -> Helpdesk:
    return cast(Helpdesk, Macros(**settings))  # type: ignore[arg-type]


def writes(decision: Decision, draft: Draft | None = None, **more: object) -> list[PlannedWrite]:
    settings: dict[str, object] = {"proposals": Proposals(), "done": (), "yielded": (), "refused": (), **more}
    return list(said(decision, draft, **settings).writes)


def said(decision: Decision, draft: Draft | None = None, **more: object) -> Said:
    settings: dict[str, object] = {"proposals": Proposals(), "done": (), "yielded": (), "refused": (), **more}
    return note_writes(FACTS, decision, draft, marker="ABCDEFGH", pack_version="1", **settings)  # type: ignore[arg-type]


def html(found: list[PlannedWrite]) -> str:
    return next(each.write.html for each in found if isinstance(each.write, Note))


HERE = TicketKey("acme", TicketKind.TICKET, "7")


def test_a_marker_is_short_stable_and_of_one_key_and_one_run() -> None:
    one = marker("key", "run-1/note", HERE)

    assert len(one) == 8
    assert one.isalnum()
    assert marker("key", "run-1/note", HERE) == one
    assert len({one, marker("other key", "run-1/note", HERE), marker("key", "run-2/note", HERE)}) == 3


def test_a_marker_is_known_again_by_its_key_on_its_ticket_only() -> None:
    one = marker("key", "run-1/note", HERE)

    assert is_marker("key", one, HERE)
    assert not is_marker("other key", one, HERE)
    assert not is_marker("key", one, replace(HERE, external_id="8"))
    assert not is_marker("key", one[:-1], HERE)


def test_a_new_marker_is_none_that_stands_in_the_ticket() -> None:
    customer = Message(external_id="1", body_text="Help.")
    ticket = Ticket(account="acme", kind=TicketKind.TICKET, external_id="7", messages=(customer,))
    taken = new_marker("key", "run-1/note", ticket)
    standing = Message(external_id="2", body_text=f"Deskhand · id {taken} · rules 12345678\n\nSomething.", is_ours=True)
    hidden = replace(customer, body_text=standing.body_text)

    # The newest message is the same both times, so that only the note's own characters can tell them apart.
    again = new_marker("key", "run-1/note", replace(ticket, messages=(standing, customer)))

    assert again != taken
    assert is_marker("key", again, HERE)
    assert new_marker("key", "run-1/note", replace(ticket, messages=(hidden,))) == taken


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
        "Hi Nina",
        "priority urgent",
        "team (Billing)",
    ):
        assert words in html(found)


def test_a_model_that_failed_is_told_and_a_withheld_offline_draft_is_not() -> None:
    failed = Draft(withheld=True, reason="the model did not answer", drafter="model")

    assert "the model did not answer" in html(writes(ASKED, failed))
    assert writes(ASKED, Draft(withheld=True, reason="no source", drafter="offline")) == []


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
