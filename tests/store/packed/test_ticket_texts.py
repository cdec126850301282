"""Each message and each long text of a ticket once, by a number of its own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from bot.store import runs
from bot.store.database.schema import runs as runs_table
from bot.store.database.schema import ticket_texts as table
from bot.store.packed import ticket_texts
from bot.store.packed.ticket_texts import as_ranges, from_ranges
from tests.store.makers import KEY, NOW, OTHER_KEY


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def a_run(connection: Connection, run_id: str, texts: str) -> None:
    runs.start(connection, run_id, KEY, 1, 1, "live", NOW)
    runs.keep_plan(connection, run_id, texts=texts)


def test_a_text_is_kept_once_whoever_refers_to_it(connection: Connection) -> None:
    assert ticket_texts.keep(connection, KEY, ["one", "two"]) == [1, 2]
    assert ticket_texts.keep(connection, KEY, ["one", "two", "three", "one"]) == [1, 2, 3, 1]
    assert count(connection) == 3


def test_an_edited_message_is_another_text_and_the_old_one_stays_readable(connection: Connection) -> None:
    ticket_texts.keep(connection, KEY, ["one", "two", "three"])

    assert ticket_texts.keep(connection, KEY, ["one", "two, edited", "three"]) == [1, 4, 3]
    assert ticket_texts.read(connection, KEY, [1, 4, 2]) == {1: "one", 2: "two", 4: "two, edited"}


def test_tickets_do_not_share(connection: Connection) -> None:
    ticket_texts.keep(connection, KEY, ["one", "two"])

    assert ticket_texts.keep(connection, OTHER_KEY, ["two"]) == [1]
    assert ticket_texts.read(connection, OTHER_KEY, [1, 2]) == {1: "two"}
    assert ticket_texts.drop(connection, KEY) == 2
    assert count(connection) == 1


@pytest.mark.parametrize("odd", ["", "\x00", "\ud800 half", "ünï😀", "a" * 70_000])
def test_odd_texts_come_back(connection: Connection, odd: str) -> None:
    assert ticket_texts.read(connection, KEY, ticket_texts.keep(connection, KEY, [odd])) == {1: odd}


def test_what_no_run_refers_to_goes_and_what_one_still_reads_stays(connection: Connection) -> None:
    ticket_texts.keep(connection, KEY, ["one", "two", "three", "four"])
    a_run(connection, "run-1", "1-2")
    a_run(connection, "run-2", "2-3")

    assert ticket_texts.drop_unused(connection, KEY) == 1
    connection.execute(update(runs_table).where(runs_table.c.id == "run-1").values(texts=""))
    assert ticket_texts.drop_unused(connection, KEY) == 1

    assert ticket_texts.read(connection, KEY, range(1, 5)) == {2: "two", 3: "three"}
    assert ticket_texts.keep(connection, KEY, ["three", "new"]) == [3, 4]


@given(numbers=st.lists(st.integers(min_value=1, max_value=30)))
def test_numbers_keep_their_order(numbers: list[int]) -> None:
    assert from_ranges(as_ranges(numbers)) == numbers


@given(numbers=st.sets(st.integers(min_value=-30, max_value=30).filter(bool)))
def test_numbers_of_both_kinds_are_named_together(numbers: set[int]) -> None:
    assert set(ticket_texts.numbers_in(ticket_texts.as_text(numbers))) == numbers


def test_long_texts_between_do_not_tear_a_thread(connection: Connection) -> None:
    for number in range(1, 6):
        assert ticket_texts.keep(connection, KEY, [f"long {number}"], ticket_texts.LONG_TEXTS) == [-number]
        assert ticket_texts.keep(connection, KEY, [f"message {number}"]) == [number]

    assert ticket_texts.read(connection, KEY, [-2, 3]) == {-2: "long 2", 3: "message 3"}


def test_a_thread_that_grows_is_named_in_the_same_few_signs() -> None:
    assert as_ranges(range(1, 1001)) == "1-1000"
    assert as_ranges([1, 2, 9, 4, 5, 5]) == "1-2,9,4-5,5"
