"""What holds only once a public reply was sent is neither done nor told where the helpdesk did not confirm it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.ticket import Status, Ticket
from adapters.writes import Note, Plan, Reply, Request, SetAssignee, SetStatus
from bot.drafts.note import NoteContent, render_note
from rules.model.decision import NoteWish
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, VIP, Desk

pytestmark = pytest.mark.both_storages

ACCEPTED = "draft:dh-accept"
REPLY = Reply(text="We are on it.")
WAITS = SetStatus(status=Status.PENDING)
HERS = SetAssignee(agent=ANNA.email)
CONTENT = NoteContent(
    marker="ABCD2345",
    notes=(NoteWish(rule=ACCEPTED, title="Sent", text="It went out."),),
    unsent=(NoteWish(rule=ACCEPTED, title="Not sent", text="Look at the thread."),),
)
TOLD = Note(html=render_note(CONTENT), marker="ABCD2345")
UNCONFIRMED = pytest.mark.parametrize("fault", ["rejected", "not_applied", "lost"])


class InOrder(Desk):
    """The reply in a request of its own before what it makes right, as the adapters send them."""

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        return [self._request(plan, ticket, place, [place]) for place in range(len(plan.writes))]


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path, InOrder())
    yield made
    made.close()


def titles(bench: Bench) -> list[str]:
    [note] = [each.body_html for each in bench.desk.ticket.messages if each.is_ours and not each.is_public]
    return [each for each in ("Sent", "Not sent") if f"<b>{each}</b>" in note]


def test_after_a_reply_that_was_sent_everything_is_done_and_the_note_says_so(ordered: Bench) -> None:
    ordered.store(REPLY, WAITS, HERS, VIP, TOLD, content=CONTENT, after_reply=(WAITS, HERS))

    assert ordered.carry_out() == [REPLY, WAITS, HERS, VIP, TOLD]
    assert ordered.desk.ticket.status is Status.PENDING
    assert titles(ordered) == ["Sent"]


@UNCONFIRMED
def test_after_one_that_was_not_the_ticket_does_not_wait_for_the_customer(ordered: Bench, fault: str) -> None:
    ordered.store(REPLY, WAITS, HERS, VIP, TOLD, content=CONTENT, after_reply=(WAITS, HERS))
    ordered.desk.faults.append(fault)

    assert ordered.to_the_end() == [VIP, TOLD]
    assert (ordered.desk.ticket.status, ordered.desk.ticket.assignee) == (Status.OPEN, None)
    assert titles(ordered) == ["Not sent"]


@UNCONFIRMED
def test_where_nothing_else_was_planned_nothing_more_is_sent(ordered: Bench, fault: str) -> None:
    ordered.store(REPLY, WAITS, after_reply=(WAITS,))
    ordered.desk.faults.append(fault)

    assert ordered.to_the_end() == []
    assert ordered.desk.calls.count("send") == 1
    assert ordered.states()[1:] == ["replaced"]


def test_a_plan_without_a_reply_lacks_none(ordered: Bench) -> None:
    ordered.store(VIP, TOLD, content=CONTENT)

    assert ordered.carry_out() == [VIP, TOLD]
    assert titles(ordered) == ["Sent"]
