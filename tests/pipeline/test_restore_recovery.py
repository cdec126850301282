"""A database restored from an older copy: what the ticket shows of our own counts as done, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.ticket import Direction, Message, MessageKind, Ticket, TicketKind, Visibility
from bot.pipeline.claim import run_ticket
from bot.pipeline.restore_recovery import Forgotten, OurMark, as_of, notes_since
from bot.writes.note_marker import marker
from tests.chaos.restore import copy_of
from tests.end_to_end.test_adversarial import die_at
from tests.end_to_end.test_guarantees import each_helpdesk, notes_written, outage
from tests.harness.deskhand import ANNA, Running, delivered, deskhand

pytestmark = pytest.mark.both_storages

KEY = "a-key"
HERE = Ticket(account="acme", kind=TicketKind.TICKET, external_id="7")
AT = datetime(2026, 11, 21, tzinfo=UTC)


def note(place: int, mark: str, is_ours: bool = True) -> Message:
    return Message(
        external_id=str(place),
        body_text=f"Something.\n\nDeskhand · id {mark} · rules 12345678",
        visibility=Visibility.INTERNAL,
        kind=MessageKind.NOTE,
        direction=Direction.NONE,
        is_ours=is_ours,
        created_at=AT,
    )


OURS = OurMark(keys=(KEY,), helpdesks=("zendesk:acme.example.com", HERE.account))


def customer(place: int) -> Message:
    return Message(external_id=str(place), body_text="Help.", created_at=AT)


def test_only_our_own_notes_with_our_own_key_count() -> None:
    ours, theirs = marker(KEY, "run-1/note", str(HERE.key)), marker("their-key", "run-1/note", str(HERE.key))
    messages = (customer(1), note(2, ours), note(3, theirs), note(4, ours, is_ours=False))

    found = notes_since(replace(HERE, messages=messages), None, OURS)

    assert [each.external_id for each in found] == ["2"]


def test_what_the_snapshot_holds_is_not_forgotten() -> None:
    ticket = replace(HERE, messages=(customer(1), note(2, marker(KEY, "run-1/note", str(HERE.key)))))

    assert notes_since(ticket, ticket, OURS) == []


def test_the_ticket_as_it_was_has_nothing_that_came_after_the_note() -> None:
    ticket = replace(HERE, messages=(customer(1), note(2, "X"), customer(3)), message_count=3)

    then = as_of(ticket, ticket.messages[1], OURS)

    assert [each.external_id for each in then.messages] == ["1", "2"]
    assert then.message_count == 2


def test_what_was_said_while_the_lost_run_was_under_way_it_had_not_read() -> None:
    mark = marker(KEY, "run-2/note", str(HERE.key), newest="2")
    earlier = marker(KEY, "run-1/note", str(HERE.key), newest="1")
    messages = (customer(1), customer(2), customer(3), note(4, earlier), customer(5), note(6, mark), customer(7))

    then = as_of(replace(HERE, messages=messages, message_count=7), messages[5], replace(OURS, keys=("another-key", KEY)))

    assert [each.external_id for each in then.messages] == ["1", "2", "4", "6"]
    assert then.message_count == 4


def test_where_the_message_that_was_read_last_is_gone_all_before_the_note_counts_as_read() -> None:
    messages = (customer(1), customer(3), note(4, marker(KEY, "run-1/note", str(HERE.key), newest="2")), customer(5))

    then = as_of(replace(HERE, messages=messages), messages[2], OURS)

    assert [each.external_id for each in then.messages] == ["1", "3", "4"]


def test_words_are_found_whatever_their_breaks() -> None:
    found = Forgotten(notes=(replace(note(2, "X"), body_text="Deskhand\n\nFollow-up due Is it\n solved?"),), then=HERE)

    assert found.says("is it solved?")
    assert not found.says("")


def work_off(run: Running, ticket: str) -> None:
    delivered(run.desk)
    run.settle(60)
    assert notes_written(run, ticket) >= 1


@each_helpdesk
def test_a_restored_database_writes_no_note_again_and_the_next_message_gets_one(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        put_back = copy_of(run.parts.engine, tmp_path / "copy.sqlite3")
        ticket = outage(run)
        work_off(run, ticket)

        put_back()
        for delivery in list(run.desk.webhooks.sent):
            run.desk.webhooks.again(delivery)
        work_off(run, ticket)
        after_the_gap = notes_written(run, ticket)
        run.desk.customer_reply(ticket, "It is down again.")
        work_off(run, ticket)

        assert (after_the_gap, notes_written(run, ticket)) == (1, 2)


@each_helpdesk
def test_a_note_that_the_copy_takes_for_unsent_is_found_before_it_is_sent(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow={"snapshot_fresh_s": 0.0}) as run:
        ticket = outage(run)
        delivered(run.desk)
        die_at(run, "plan_stored", ticket)
        put_back = copy_of(run.parts.engine, tmp_path / "copy.sqlite3")
        work_off(run, ticket)

        put_back()
        work_off(run, ticket)

        assert notes_written(run, ticket) == 1


@each_helpdesk
def test_a_draft_older_than_a_forgotten_note_cannot_be_accepted(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        work_off(run, ticket)
        put_back = copy_of(run.parts.engine, tmp_path / "copy.sqlite3")
        run.desk.customer_reply(ticket, "It is down again.")
        work_off(run, ticket)

        put_back()
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        work_off(run, ticket)

        assert not run.view(ticket).bot_replies
        assert notes_written(run, ticket) == 2
        assert not run_ticket(run.key(ticket), run.parts)


@pytest.mark.parametrize("provider", ["freshdesk", "intercom"])  # Zendesk refuses a note that was written without the message
def test_a_message_that_came_while_the_lost_run_was_under_way_gets_its_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        put_back = copy_of(run.parts.engine, tmp_path / "copy.sqlite3")
        ticket = outage(run)
        delivered(run.desk)
        run.parts.checkpoint = at("plan_stored", lambda: run.desk.customer_reply(ticket, "It is down everywhere."))
        run_ticket(run.key(ticket), run.parts)
        run.parts.checkpoint = lambda _: None
        delivered(run.desk)
        notes_of_the_lost_run = notes_written(run, ticket)

        put_back()
        for delivery in list(run.desk.webhooks.sent):
            run.desk.webhooks.again(delivery)
        work_off(run, ticket)

        assert (notes_of_the_lost_run, notes_written(run, ticket)) == (1, 2)


def at(place: str, then: Callable[[], object]) -> Callable[[str], None]:
    def checkpoint(reached: str) -> None:
        if reached == place:
            then()

    return checkpoint
