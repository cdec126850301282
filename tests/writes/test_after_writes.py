"""The ticket as the next read shows it, and what the helpdesk's answers show as not changed."""

from __future__ import annotations

from adapters.ticket import Priority
from adapters.writes import AddTags, Plan, PlannedWrite, Request, SetPriority
from bot.store.runs import StoredRequest
from bot.writes.after_writes import as_left, carriers, not_applied
from tests.harness.desk_in_memory import KEY, NOTE, URGENT, VIP, Desk

PLAN = Plan(ticket=KEY, writes=(PlannedWrite(write=URGENT), PlannedWrite(write=VIP)))


def stored(state: str, *lost: int) -> StoredRequest:
    request = Request(ticket=KEY, number=0, operation="x", arguments={}, writes=(0, 1))
    return StoredRequest(
        run_id="r", number=0, request=request, state=state, attempts=1, sent_at=None, external_id="", reason="", not_applied=lost
    )


def test_fields_and_tags_are_as_they_were_written() -> None:
    desk = Desk()

    left = as_left(desk.helpdesk(), desk.ticket, [URGENT, VIP, NOTE])

    assert (left.priority, left.tags) == (Priority.URGENT, frozenset({"vip"}))


def test_writes_that_no_tag_carries_put_nothing_else_on() -> None:
    assert carriers(Desk().helpdesk(), [SetPriority(priority=Priority.LOW), AddTags(tags=frozenset({"a"}))]) == []


def test_what_a_confirmed_request_left_out_is_told_in_words() -> None:
    assert not_applied(PLAN, [stored("confirmed", 1), stored("failed", 0)]) == ["not applied: tag vip"]
    assert not_applied(PLAN, [stored("confirmed")]) == []
