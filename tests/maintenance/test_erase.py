"""Erasing one person. The whole way: tests/faults/privacy/test_F119_erasing_one_customer.py."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from adapters.ticket import Person
from bot.maintenance.erase import Erased, EraseRefused, erase
from bot.store import deliveries, tickets
from bot.store.database.engine import reading
from bot.store.database.schema import deliveries as table
from tests.maintenance.test_erasure_queries import ACCOUNTS, NINA, known
from tests.store.makers import KEY, incoming

NINAS = "nina@northwind.example"


def received(engine: Engine) -> None:
    with engine.begin() as connection:
        deliveries.store(connection, incoming(body=NINAS.encode()))


def body(engine: Engine) -> bytes:
    with reading(engine) as connection:
        return bytes(connection.execute(select(table.c.body)).scalar_one())


def test_a_dry_run_counts_and_changes_nothing(engine: Engine) -> None:
    received(engine)

    would = erase(engine, NINAS, ACCOUNTS, is_dry=True)

    assert (would.tickets, would.rows["tickets"], would.rows["deliveries"]) == ((KEY,), 1, 1)
    assert body(engine) == NINAS.encode()

    assert would.rows == erase(engine, NINAS, ACCOUNTS).rows


def test_a_person_whom_nothing_mentions_is_told(engine: Engine) -> None:
    received(engine)

    for is_dry in (True, False):
        assert not erase(engine, "a" + NINAS, ACCOUNTS, is_dry=is_dry).is_found
    assert body(engine) == NINAS.encode()


def test_a_tickets_words_go_and_doing_it_again_finds_nothing(engine: Engine) -> None:
    received(engine)

    done, again = (erase(engine, NINAS, ACCOUNTS) for _ in range(2))

    assert (done.is_whole, done.rows["tickets"], sum(again.rows.values())) == (True, 1, 0)
    assert body(engine) == b""


def test_a_ticket_that_is_worked_on_is_left_and_named(engine: Engine) -> None:
    received(engine)
    with engine.begin() as connection:
        assert tickets.seize(connection, KEY, "somebody", 60)

    done = erase(engine, NINAS, ACCOUNTS, wait_s=0.0)

    assert (done.busy, done.rows["tickets"], done.is_whole) == ((KEY,), 0, False)
    assert body(engine) == NINAS.encode()


def test_one_of_the_team_is_refused(engine: Engine) -> None:
    known(engine, requester=NINA, assignee=Person(external_id="9", emails=("anna.agent@example.com",)))

    with pytest.raises(EraseRefused, match="one of your own team"):
        erase(engine, "9", ACCOUNTS)


def test_it_is_whole_only_with_its_files_rewritten_and_nobody_busy() -> None:
    assert Erased(rows={}, busy=(), is_rewritten=True).is_whole
    assert not Erased(rows={}, busy=(), is_rewritten=False).is_whole
    assert not Erased(rows={}, busy=(KEY,), is_rewritten=True).is_whole
