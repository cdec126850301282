"""Reads that take no lock: all statements of one see the same moment, whatever is committed between them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from adapters.ticket import TicketKey, TicketKind
from bot.store import tickets
from bot.store.database.engine import reading

KEY = TicketKey("acme", TicketKind.TICKET, "7")


def test_what_is_committed_between_two_statements_of_a_read_is_not_seen(engine: Engine) -> None:
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, datetime.now(UTC))

    with reading(engine) as connection:
        before = tickets.dirty_seq(connection, KEY)
        with engine.begin() as writer:
            tickets.mark_dirty(writer, KEY, datetime.now(UTC))
        after = tickets.dirty_seq(connection, KEY)
    with reading(engine) as connection:
        later = tickets.dirty_seq(connection, KEY)

    assert (before, after, later) == (1, 1, 2)


def test_a_writer_is_not_kept_waiting_by_a_read(engine: Engine) -> None:
    with reading(engine) as connection:
        tickets.unfinished(connection)
        with engine.begin() as writer:
            tickets.mark_dirty(writer, KEY, datetime.now(UTC))

    with reading(engine) as connection:
        assert tickets.unfinished(connection) == 1


def test_a_connection_writes_again_after_it_was_lent_for_a_read(engine: Engine) -> None:
    for _ in range(8):
        with reading(engine) as connection:
            tickets.unfinished(connection)
        with engine.begin() as connection:
            tickets.mark_dirty(connection, KEY, datetime.now(UTC))

    with reading(engine) as connection:
        assert tickets.dirty_seq(connection, KEY) == 8
