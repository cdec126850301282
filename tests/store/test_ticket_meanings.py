"""What open tickets are about, kept and found again: of the same customer, by the same maker, of late, and never of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from adapters.ticket import TicketKey, TicketKind
from bot.store import ticket_counts, ticket_meanings
from bot.store.database.engine import reading
from bot.store.database.schema import counted_tickets
from bot.store.ticket_counts import Counted
from tests.store.makers import NOW

MINE = Counted(key=TicketKey("acme", TicketKind.TICKET, "1"), opened_at=NOW, is_open=True, requester="r1", company="c1")
SINCE = NOW - timedelta(days=30)


def other(id: str, *, maker: str = "en:a", **changed: object) -> tuple[Counted, str]:
    key = TicketKey("acme", TicketKind.TICKET, id)
    return replace(MINE, key=key, opened_at=NOW - timedelta(days=int(id)), **changed), maker  # type: ignore[arg-type]


def filled(engine: Engine, *rows: tuple[Counted, str]) -> None:
    with engine.begin() as connection:
        for row, maker in (*rows, (MINE, "en:a")):
            ticket_counts.keep(connection, row)
            ticket_meanings.keep(connection, row.key, maker, row.key.external_id.encode())


def found(engine: Engine, most: int = 50, ticket: Counted = MINE) -> dict[str, bool]:
    with reading(engine) as connection:
        rows = ticket_meanings.of_customer(connection, ticket, "en:a", SINCE, most)
    assert all(each.numbers == each.key.external_id.encode() for each in rows)
    return {each.key.external_id: each.of_person for each in rows}


def test_the_customers_other_open_tickets_of_late_are_found(engine: Engine) -> None:
    filled(
        engine,
        other("2"),
        other("3", requester="r2"),
        other("4", company=""),
        other("5", requester="r2", company="c2"),
        other("6", is_open=False),
        other("7", maker="de:b"),
        other("31"),
    )

    assert found(engine) == {"2": True, "3": False, "4": True}
    assert found(engine, most=2) == {"2": True}, "the newest of each, itself among them"
    assert found(engine, ticket=replace(MINE, company="")) == {"2": True, "4": True}
    assert found(engine, ticket=replace(MINE, requester="", company="")) == {}


def test_those_of_the_account_are_found_by_maker(engine: Engine) -> None:
    filled(engine, other("2"), other("5", requester="r2", company="c2"), other("6", is_open=False), other("7", maker="de:b"))

    with reading(engine) as connection:
        assert ticket_meanings.others(connection, MINE.key, "en:a", SINCE, 50) == [b"2", b"5"]
        assert ticket_meanings.others(connection, MINE.key, "en:a", SINCE, 2) == [b"2"], "the newest two, itself among them"
        assert ticket_meanings.others(connection, replace(MINE.key, account="other"), "en:a", SINCE, 50) == []


def test_what_is_solved_or_closed_leaves_no_numbers_and_takes_none(engine: Engine) -> None:
    filled(engine, other("2"), other("3"))
    solved, closed = other("2", is_open=False)[0], other("3")[0]
    with engine.begin() as connection:
        ticket_counts.keep(connection, solved)
        ticket_counts.close(connection, closed.key)
        for each in (solved, closed):
            ticket_meanings.keep(connection, each.key, "en:a", b"late")

    with reading(engine) as connection:
        assert [ticket_meanings.kept(connection, each.key) for each in (solved, closed, MINE)] == [None, None, ("en:a", b"1")]
        assert ticket_meanings.kept(connection, replace(MINE.key, external_id="99")) is None
    assert found(engine) == {}


def test_a_later_run_keeps_what_a_ticket_is_about(engine: Engine) -> None:
    filled(engine)
    with engine.begin() as connection:
        ticket_counts.keep(connection, replace(MINE, issue="billing.invoice"))
        ticket_counts.assign(connection, MINE.key, "a2")

    with reading(engine) as connection:
        assert ticket_meanings.kept(connection, MINE.key) == ("en:a", b"1")


@pytest.mark.parametrize("kind", ["a_kind_of_a_later_version"])
def test_a_row_of_a_kind_that_this_version_does_not_know_is_left_out(engine: Engine, kind: str) -> None:
    filled(engine, other("2"), other("3"))
    with engine.begin() as connection:
        connection.execute(update(counted_tickets).where(counted_tickets.c.external_id == "2").values(kind=kind))

    assert found(engine) == {"3": True}
