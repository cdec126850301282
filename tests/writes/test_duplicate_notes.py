"""Two equal notes of ours, with a helpdesk in memory: what counts as one, and when it is looked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.ticket import Event, EventType, Message, MessageKind, Provider, Ticket, Visibility
from bot.pipeline.claim import run_ticket
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import duplicate_notes as stored
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import due
from bot.writes import duplicate_notes
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import ANNA, KEY, NOTE, US, Desk

pytestmark = pytest.mark.both_storages


def note(external_id: str, words: str, **fields: object) -> Message:
    said = {"kind": MessageKind.NOTE, "visibility": Visibility.INTERNAL, "is_ours": True, "body_html": words, **fields}
    return Message(external_id=external_id, **said)  # type: ignore[arg-type]


def ids(messages: tuple[Message, ...], *markers: str) -> list[tuple[str, str]]:
    ticket = Ticket(account="acme", external_id="42", messages=messages)
    return [(each.first_id, each.second_id) for each in duplicate_notes.find(ticket, markers)]


def test_each_note_beyond_the_first_with_one_marker_is_a_double() -> None:
    thread = (note("1", "id AAAA"), note("2", "id BBBB"), note("3", "", body_text="id AAAA"), note("4", "id AAAA"))

    assert ids(thread, "AAAA", "BBBB") == [("1", "3"), ("1", "4")]


def test_what_others_write_and_what_is_public_is_no_double() -> None:
    others = note("2", "they quote id AAAA", is_ours=False)
    public = note("3", "id AAAA", visibility=Visibility.PUBLIC)

    assert ids((note("1", "id AAAA"), others, public), "AAAA") == []


def test_a_double_says_where_it_stands() -> None:
    ticket = Ticket(account="acme", external_id="42", messages=(note("1", "AAAA"), note("2", "AAAA")))

    (found,) = duplicate_notes.find(ticket, ["AAAA"])

    assert (found.key, found.marker, found.first_id, found.second_id) == (KEY, "AAAA", "1", "2")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    made.store(NOTE)
    yield made
    made.close()


def count(bench: Bench) -> int:
    with bench.engine.begin() as connection:
        return stored.count(connection)


def test_one_read_counts_what_no_read_before_has_counted(bench: Bench) -> None:
    bench.desk.say(NOTE.html, by=US, is_public=False)
    assert duplicate_notes.look(bench.parts, bench.desk.ticket) == 0
    bench.desk.say(NOTE.html, by=US, is_public=False)

    assert (duplicate_notes.look(bench.parts, bench.desk.ticket), duplicate_notes.look(bench.parts, bench.desk.ticket)) == (1, 0)
    assert count(bench) == 1


def test_a_marker_that_is_not_of_this_tickets_requests_is_not_looked_for(bench: Bench) -> None:
    for _ in range(2):
        bench.desk.say("id OTHER", by=US, is_public=False)

    assert duplicate_notes.look(bench.parts, bench.desk.ticket) == 0


def test_a_thread_without_two_notes_of_ours_costs_no_look_into_the_database(bench: Bench) -> None:
    bench.desk.say(NOTE.html, by=US, is_public=False)
    bench.desk.say(NOTE.html, by=ANNA, is_public=False)
    bench.desk.say(NOTE.html, by=US)
    bench.engine.dispose()
    bench.parts.engine = None  # type: ignore[assignment]

    assert duplicate_notes.look(bench.parts, bench.desk.ticket) == 0


def test_the_ticket_is_read_again_after_three_and_sixty_settle_times(bench: Bench) -> None:
    with bench.engine.begin() as connection:
        duplicate_notes.check_later(connection, bench.parts, KEY)
        rows = connection.execute(select(due.c.what, due.c.at, due.c.external_id).order_by(due.c.at)).all()

    assert [(row.what, row.at - bench.desk.now, row.external_id) for row in rows] == [
        ("double_check", timedelta(seconds=30), "42"),
        ("double_check", timedelta(minutes=10), "42"),
    ]


@pytest.mark.parametrize(
    ("kind", "key", "is_check"),
    [("double_check", "internal:due:1", True), ("double_check", "evt-1", False), ("follow_up", "internal:due:1", False)],
)
def test_only_our_own_time_is_a_check(kind: str, key: str, is_check: bool) -> None:
    event = Event(provider=Provider.ZENDESK, type=EventType.OTHER, ticket=KEY, delivery_key=key, kind_raw=kind)

    assert duplicate_notes.is_check(event) is is_check


def doubled(tmp_path: Path) -> Bench:
    """A ticket that was sorted, with its note in it twice, and a time to look for that which has come."""
    bench = Bench(tmp_path, Desk(), flow={"runs_per_hour": 1})
    bench.deliver("d1")
    run_ticket(KEY, bench.parts)
    bench.desk.say(bench.desk.ticket.messages[-1].body_html, by=US, is_public=False)
    with bench.engine.begin() as connection:
        duplicate_notes.check_later(connection, bench.parts, KEY)
    bench.pass_time(30)
    parts = TickerParts(config=bench.parts.config, engine=bench.engine, bell=bench.bell, clock=bench.parts.clock, owner="t")
    assert Ticker(parts).bring_due() == 1
    return bench


def ends(bench: Bench) -> list[tuple[str, str]]:
    with bench.engine.begin() as connection:
        rows = connection.execute(select(delivery_table.c.state, delivery_table.c.reason).order_by(delivery_table.c.seq))
        return [(row.state, row.reason) for row in rows]


def test_a_check_is_one_read_and_nothing_more(tmp_path: Path) -> None:
    bench = doubled(tmp_path)
    bench.desk.calls.clear()
    run_ticket(KEY, bench.parts)

    assert bench.desk.calls == ["hydrate"]
    assert count(bench) == 1
    assert ends(bench) == [("done", ""), ("done", "looked for doubled notes")]
    bench.close()


def test_a_check_is_made_though_the_ticket_is_set_aside(tmp_path: Path) -> None:
    bench = doubled(tmp_path)
    bench.desk.edit(subject="It is down again")
    bench.deliver("d2")
    run_ticket(KEY, bench.parts)  # one writing run an hour without a message: the loop cap

    assert count(bench) == 1
    assert [state for state, _ in ends(bench)] == ["done", "parked", "parked"]
    bench.close()
