"""Doubled notes in the database: each extra one is kept once."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.store import duplicate_notes, runs
from bot.store.duplicate_notes import Double
from tests.store.makers import KEY, NOW, OTHER_KEY, later, request


def double(second_id: str = "2", key: object = KEY, marker: str = "AAAA") -> Double:
    return Double(key=key, marker=marker, first_id="1", second_id=second_id)  # type: ignore[arg-type]


def test_a_double_is_kept_once(connection: Connection) -> None:
    assert duplicate_notes.record(connection, double(), NOW)
    assert not duplicate_notes.record(connection, double(), later(minutes=1))

    assert duplicate_notes.count(connection) == 1


def test_a_third_copy_another_marker_and_another_ticket_count_too(connection: Connection) -> None:
    for minutes, each in enumerate((double(), double("3"), double(marker="BBBB"), double(key=OTHER_KEY))):
        assert duplicate_notes.record(connection, each, later(minutes=minutes))

    assert duplicate_notes.count(connection) == 4
    assert duplicate_notes.newest(connection, 1) == [double(key=OTHER_KEY)]
    assert duplicate_notes.newest(connection, 2, KEY) == [double(marker="BBBB"), double("3")]


def test_the_markers_of_a_ticket_are_those_of_its_requests(connection: Connection) -> None:
    for run_id, key, marker in (("r1", KEY, "AAAA"), ("r2", KEY, "BBBB"), ("r3", OTHER_KEY, "CCCC")):
        runs.start(connection, run_id, key, 1, 1, "live", NOW)
        runs.add_requests(connection, run_id, [request(0), request(1, marker=marker)])

    assert runs.markers(connection, KEY) == {"AAAA", "BBBB"}


def test_a_marker_was_sent_before_only_where_nobody_knows_that_it_did_not_land(connection: Connection) -> None:
    runs.start(connection, "r1", KEY, 1, 1, "live", NOW)
    runs.add_requests(connection, "r1", [request(each, marker="AAAA") for each in (1, 2, 3)] + [request(4, marker="BBBB")])

    def sent_before(number: int) -> bool:
        return runs.was_sent_before(connection, "r1", "AAAA", number)

    assert not sent_before(2)
    for number in (1, 4):
        runs.mark_sent(connection, "r1", number, NOW)
    assert not sent_before(1)
    assert sent_before(2)
    assert not runs.was_sent_before(connection, "r2", "AAAA", 2)
    runs.mark(connection, "r1", 1, "intended", NOW)  # certainly not sent
    assert not sent_before(2)
    runs.mark_sent(connection, "r1", 1, NOW)
    runs.mark(connection, "r1", 1, "replaced", NOW, reason=runs.CONFLICT)
    assert not sent_before(2)
    runs.mark_sent(connection, "r1", 2, NOW)
    runs.mark(connection, "r1", 2, "replaced", NOW, reason="not found after the settle time")
    assert sent_before(3)
