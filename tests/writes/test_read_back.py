"""What a request left in the ticket, where its answer never came."""

from __future__ import annotations

from adapters.ticket import Priority
from adapters.writes import Reply
from bot.writes.read_back import look_for, said, shown
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY, MARKER, NOTE, URGENT, US


def test_a_note_is_known_by_its_marker(bench: Bench) -> None:
    bench.store(NOTE)
    work, [request] = bench.work(), bench.requests()

    assert look_for(work, request) is None
    note = bench.desk.say(f"id {MARKER}", by=US, is_public=False)
    assert look_for(work, request) == note
    assert said(work, request, bench.desk.hydrate(KEY)) == note


def test_a_marker_in_somebody_elses_words_is_no_note_of_ours(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.say(f"id {MARKER}", by=ANNA, is_public=False)

    assert said(bench.work(), bench.requests()[0], bench.desk.hydrate(KEY)) is None


def test_a_reply_is_known_by_its_words_however_they_are_spaced(bench: Bench) -> None:
    bench.store(Reply(text="Please restart it."))
    before = bench.desk.hydrate(KEY)
    reply = bench.desk.say("please  restart\nit.", by=US)
    work, [request] = bench.work(), bench.requests()

    assert said(work, request, before) is None
    assert shown(work, request, bench.desk.hydrate(KEY)) == reply


def test_the_same_words_from_before_the_plan_are_another_reply(bench: Bench) -> None:
    bench.desk.say("Please restart it.", by=US)
    bench.store(Reply(text="Please restart it."))

    assert said(bench.work(), bench.requests()[0], bench.desk.hydrate(KEY)) is None


def test_fields_are_shown_when_they_are_as_wanted_and_say_nothing(bench: Bench) -> None:
    bench.store(URGENT)
    work, [request] = bench.work(), bench.requests()

    assert look_for(work, request) is None
    bench.desk.edit(priority=Priority.URGENT)
    assert look_for(work, request) == ""
    assert said(work, request, bench.desk.hydrate(KEY)) is None
