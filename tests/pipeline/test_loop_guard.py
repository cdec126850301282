"""The loop guard (G11) on each helpdesk: a person is always looked at, a machine is answered late, and one customer stops nothing
for the others. Time stands still but for what a test lets pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from adapters.ticket import (
    INTERNAL,
    AuthorKind,
    Direction,
    Event,
    EventType,
    Message,
    MessageKind,
    Provider,
    Ticket,
    Visibility,
)
from bot.config import FlowSettings
from bot.pipeline import loop_guard
from bot.pipeline.loop_guard import Caps, PutOff, Wrote
from bot.runtime.retry import DeadLetter
from bot.store import dead_letters, deliveries, tickets
from bot.store.database.engine import reading
from bot.store.database.schema import tickets as ticket_table
from bot.store.rules import rule_firings
from tests.chaos.desks import StandingClock, free_desk
from tests.harness.desk_in_memory import START
from tests.harness.deskhand import NINA, PROVIDERS, Running, delivered, deskhand

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)
HANA = "hana.hobby@hobby.example"
DOWN = "Production is down for all our users, nothing works since this morning."
THANKS = "Ok, thank you."
CHAT = (
    "Hello, I have some questions.",
    "How do I export my data as CSV?",
    "And how do I reset my password?",
    "How can I add a colleague to our team?",
    "How do I change our plan?",
    "How can I connect a webhook?",
    "Where do I find my invoices?",
    "How do I get a refund?",
    "Please cancel my account now, this is taking too long.",
)


@contextmanager
def packs(folder: Path, provider: str, *names: str, **other: float) -> Iterator[tuple[Running, StandingClock]]:
    """These packs; times and limits as by default, but a ticket rests after a run for no longer than the desk needs."""
    clock = StandingClock()
    defaults = FlowSettings().model_dump()
    caps = ("runs_per_hour", "message_runs_per_hour", "runs_per_day", "late_run_every_s", "rule_firings_per_hour")
    flow = {name: defaults[name] for name in caps} | other
    rules = [f"pack:{name}" for name in names]
    with (
        deskhand(folder, provider, rules=rules, clock=clock, desk=free_desk(provider, clock), flow=flow) as run,
        clock.instead_of_sleep(),
    ):
        yield run, clock


def pass_time(run: Running, clock: StandingClock, seconds: float) -> None:
    """For the helpdesk, for our clock, and for what the database measures; then everybody works. What was said before is heard
    before: else Zendesk's second, in which nothing is read, would have to pass in this machine's time."""
    delivered(run.desk)
    clock.now += timedelta(seconds=seconds)
    with run.parts.engine.begin() as connection:
        connection.execute(update(ticket_table).values(wake_at=ticket_table.c.wake_at - int(seconds * 1_000_000)))
    run.settle(60)


def set_aside(run: Running) -> list[dead_letters.Aside]:
    with reading(run.parts.engine) as connection:
        return dead_letters.everything(connection)


@each_helpdesk
def test_the_last_message_of_a_quick_chat_is_looked_at_at_once(tmp_path: Path, provider: str) -> None:
    """Our notes stand between the lines, each a moment before the next; but a customer sees none of them."""
    with packs(tmp_path, provider, "priority", "churn", "respond") as (run, clock):
        chat = run.desk.create_ticket(requester=NINA, subject="Questions", body=CHAT[0], channel="chat")
        for words in CHAT[1:]:
            pass_time(run, clock, 7)
            run.desk.customer_reply(chat, words)
        pass_time(run, clock, 2)

        assert "churn-risk" in run.view(chat).tags
        assert len(run.view(chat).bot_notes) > FlowSettings().runs_per_hour
        assert set_aside(run) == []
        with reading(run.parts.engine) as connection:
            assert deliveries.backlog(connection) == tickets.put_off(connection) == 0


@each_helpdesk
def test_a_person_who_takes_a_minute_for_each_message_never_waits(tmp_path: Path, provider: str) -> None:
    with packs(tmp_path, provider, "priority", "churn", "respond") as (run, clock):
        chat = run.desk.create_ticket(requester=NINA, subject="Questions", body=CHAT[0], channel="chat")
        for words in CHAT[1:]:
            pass_time(run, clock, 2)
            clock.now += timedelta(seconds=65)
            run.desk.customer_reply(chat, words)
        pass_time(run, clock, 2)

        assert "churn-risk" in run.view(chat).tags
        assert len(run.view(chat).bot_notes) > FlowSettings().runs_per_hour  # so many there were before
        assert set_aside(run) == []


@each_helpdesk
def test_one_customer_with_three_chats_switches_no_rule_off_for_others(tmp_path: Path, provider: str) -> None:
    """What was done to the product: 42 ordinary sentences, by turns in three chats, 4.5 s apart. Here each is answered at
    once, as if they did not look like an echo."""
    with packs(tmp_path, provider, "priority", late_run_every_s=0) as (run, clock):
        chats = [run.desk.create_ticket(requester=HANA, subject="Hello", body="Hi there.", channel="chat") for _ in range(3)]
        pass_time(run, clock, 4.5)
        for _ in range(7):
            for words in (DOWN, THANKS):
                for chat in chats:
                    run.desk.customer_reply(chat, words)
                pass_time(run, clock, 4.5)
        other = run.desk.create_ticket(requester=NINA, subject="Everything is down", body=DOWN)
        pass_time(run, clock, 5)

        with reading(run.parts.engine) as connection:
            assert rule_firings.stops(connection) == []
        assert run.priority(other) == "urgent"
        assert set_aside(run) == []


CAPS = Caps(other_per_hour=5, message_per_hour=30, per_day=60, late_every=timedelta(minutes=15))
NOW = START


def minutes(ago: float) -> datetime:
    return NOW - timedelta(minutes=ago)


def wrote(ago: float, cause: loop_guard.Cause = "message") -> Wrote:
    return Wrote(minutes(ago), minutes(ago), cause)


LETTERS = "abcdefghijklmnop"


def said(*ago: float, words: str = "", by: AuthorKind = AuthorKind.PERSON) -> Ticket:
    """So long ago each, in minutes; each says something else, or `words`. What no customer wrote is a note."""
    way = {AuthorKind.PERSON: Direction.IN}.get(by, Direction.NONE)
    seen_by = Visibility.PUBLIC if by is AuthorKind.PERSON else Visibility.INTERNAL
    made = [
        Message(
            external_id=f"{by}{at}",
            body_text=words or f"line {LETTERS[place]}",
            created_at=minutes(at),
            author_kind=by,
            direction=way,
            visibility=seen_by,
        )
        for place, at in enumerate(ago)
    ]
    return Ticket(account="acme", external_id="42", messages=tuple(made))


def noted(*ago: float) -> Ticket:
    """The same as an agent's notes, or a machine's behind an agent's name."""
    return said(*ago, by=AuthorKind.AGENT)


def late_s(ticket: Ticket, *runs: Wrote, caps: Caps = CAPS) -> float:
    """How long the newest message waits; 0 where it is answered at once. The wait is told in steps of a minute at most."""
    try:
        loop_guard.refuse(ticket, "message", runs, caps, NOW)
    except PutOff as late:
        assert late.after_s <= loop_guard.LOOK_AGAIN_S
        return loop_guard.left(runs, caps, NOW).total_seconds()
    return 0.0


def test_three_messages_in_a_row_right_after_writes_are_an_echo_and_two_are_not() -> None:
    runs = [wrote(9), wrote(6), wrote(3)]

    assert late_s(noted(8.5, 5.5, 2.5), *runs) == 12 * 60
    assert late_s(noted(10, 8.5, 4, 2.5), *runs) == 0  # the one of four minutes ago took its time
    assert late_s(noted(5.5, 2.5), *runs) == 0


def test_several_lines_after_one_write_are_one_answer() -> None:
    assert late_s(noted(8.5, 2.9, 2.8, 2.7, 2.6, 2.5), wrote(9), wrote(3)) == 0
    assert late_s(noted(8.5, 8.4, 5.5, 5.4, 2.5, 2.4), wrote(9), wrote(6), wrote(3)) == 12 * 60


def by_turns(ours: Ticket, theirs: Ticket) -> Ticket:
    """Each of theirs after one of ours."""
    own = [replace(each, is_ours=True, body_text=f"our {each.body_text}") for each in ours.messages]
    both = [each for pair in zip(own, theirs.messages, strict=True) for each in pair]
    return replace(theirs, messages=tuple(both))


def test_our_notes_time_by_the_vendors_clock_counts_whatever_ours_says() -> None:
    ticket = by_turns(said(9.5, 6.5, 3.5, by=AuthorKind.BOT), noted(9, 6, 3))

    assert late_s(ticket, wrote(60)) == 0  # nothing was written for so long: it is answered
    assert late_s(ticket, wrote(5)) == 10 * 60


def test_a_customer_answers_our_public_replies_and_nothing_that_they_do_not_see() -> None:
    notes = said(9.5, 6.5, 3.5, by=AuthorKind.BOT)
    replies = replace(notes, messages=tuple(replace(each, visibility=Visibility.PUBLIC) for each in notes.messages))

    assert late_s(by_turns(notes, said(9, 6, 3)), wrote(9.5), wrote(6.5), wrote(5)) == 0
    assert late_s(by_turns(replies, said(9, 6, 3)), wrote(5)) == 10 * 60


def test_an_agent_who_chats_with_the_customer_is_no_echo_of_our_notes() -> None:
    chat = noted(9, 6, 3)
    replies = tuple(replace(each, visibility=Visibility.PUBLIC) for each in chat.messages)

    assert late_s(by_turns(said(9.5, 6.5, 3.5, by=AuthorKind.BOT), replace(chat, messages=replies)), wrote(5)) == 0


def test_three_messages_in_a_row_that_say_again_what_was_said_are_an_echo() -> None:
    assert late_s(said(8, 6, 4, 2, words="Hello?"), wrote(5)) == 10 * 60
    assert late_s(said(8, 6, 4, words="Hello?"), wrote(5)) == 0


def test_the_same_words_with_another_number_after_each_note_are_an_echo_and_in_one_go_are_not() -> None:
    lines = said(9, 7, 5, 3)
    counted = [replace(each, body_text=f"Echo {place} of your note") for place, each in enumerate(lines.messages)]
    echo = replace(lines, messages=tuple(counted))

    assert late_s(by_turns(said(9.5, 7.5, 5.5, 3.5, by=AuthorKind.BOT), echo), wrote(5)) == 10 * 60
    assert late_s(echo, wrote(5)) == 0


def test_thirty_runs_on_messages_within_an_hour_and_sixty_a_day_are_the_most() -> None:
    slowly = said(90, 30)

    assert late_s(slowly, *(wrote(59 - each * 2) for each in range(1, 30))) == 0
    assert late_s(slowly, *(wrote(59 - each * 2) for each in range(30))) == 14 * 60  # the last was a minute ago
    assert late_s(slowly, *(wrote(1400 - each * 20) for each in range(60))) > 30 * 60


@pytest.mark.parametrize("count", [4, 5])
def test_what_no_message_caused_is_refused_after_five_runs_and_messages_do_not_count_there(count: int) -> None:
    runs = [*(wrote(50, "other") for _ in range(count)), *(wrote(40) for _ in range(20))]

    if count < 5:
        loop_guard.refuse(said(1), "other", runs, CAPS, NOW)
    else:
        with pytest.raises(DeadLetter, match="loop cap: 25 writing runs in an hour, 25 in a day"):
            loop_guard.refuse(said(1), "other", runs, CAPS, NOW)
    loop_guard.refuse(said(1), "message", runs, CAPS, NOW)


@pytest.mark.parametrize("kind", sorted(INTERNAL))
def test_what_came_late_for_a_message_is_the_messages_doing(kind: EventType) -> None:
    told = Event(provider=Provider.ZENDESK, type=kind, ticket=said(9).key, delivery_key="internal:x", kind_raw=kind.value)

    assert loop_guard.cause_of(said(9), said(9), (told,)) == "message"


def test_an_agents_word_on_a_draft_waits_for_no_echo() -> None:
    echo = noted(8.5, 5.5, 2.5)
    runs = [wrote(9), wrote(6), wrote(3)]

    loop_guard.refuse(echo, "message", runs, CAPS, NOW, judges_a_draft=True)
    assert late_s(replace(echo, tags=frozenset({"dh-accept"})), *runs) > 0  # a tag that nobody set by hand judges nothing


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, "message"),
        ({"author_kind": AuthorKind.AGENT, "kind": MessageKind.NOTE, "visibility": Visibility.INTERNAL}, "message"),
        ({"author_kind": AuthorKind.BOT}, "other"),
        ({"is_auto_generated": True}, "other"),
        ({"is_ours": True}, "other"),
        ({"kind": MessageKind.EVENT}, "other"),
    ],
)
def test_a_new_message_of_a_person_is_the_cause_of_a_run_and_no_machines_is(changes: dict[str, object], cause: str) -> None:
    before = said(9)
    new = replace(before.messages[0], external_id="new", **changes)  # type: ignore[arg-type]

    assert loop_guard.cause_of(before, replace(before, messages=(*before.messages, new)), ()) == cause
    assert loop_guard.cause_of(before, before, ()) == "other"


def test_an_agents_word_on_a_draft_is_a_persons_and_a_machines_tag_is_not() -> None:
    tagged = replace(said(9), tags=frozenset({"dh-accept"}))

    assert loop_guard.cause_of(said(9), tagged, (), judges_a_draft=True) == "message"
    assert loop_guard.cause_of(said(9), tagged, ()) == "other"
