"""F119: one customer is erased from everything that is kept, raw files included; the ledgers keep keys, hashes and states."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import requests
from sqlalchemy import event, select, text, update

from adapters.codec import Unreadable
from bot.maintenance import erasure_queries
from bot.maintenance.erase import EraseRefused, erase
from bot.store import drafts, tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.packed_values import unpack as unpack_value
from bot.store.database.schema import deliveries, metadata, rule_firings, runs
from bot.store.database.schema import requests as requests_table
from bot.store.database.schema import tickets as tickets_table
from bot.store.packed.compression import unpack, words_of
from tests.faults.common import each_helpdesk, work_once
from tests.harness.deskhand import NINA, Running, delivered, deskhand

WORD = "Zanzibar"
OTHER = "pavel.printer@lakeside.example"


def told(run: Running, requester: str = NINA, word: str = WORD) -> str:
    ticket = run.desk.create_ticket(requester=requester, subject=f"{word} is down", body=f"Nothing works in {word} since 09:40.")
    run.settle()
    return ticket


def files(folder: Path) -> bytes:
    """All bytes of the database's files."""
    return b"".join(path.read_bytes() for path in folder.glob("deskhand.sqlite3*"))


def rows(run: Running) -> str:
    """Every column of every row, what is compressed as the text that it is."""
    engine, found = run.parts.engine, []
    for table in metadata.sorted_tables:
        with reading(engine) as connection:
            stored = connection.execute(select(table)).mappings().all()
        found += [tuple(row.values()) for row in erasure_queries.unpacked(engine, table, stored)]
    return repr(found)


def whose_firings(run: Running) -> set[str]:
    """Hashes of the people on whose tickets rules fired."""
    with reading(run.parts.engine) as connection:
        return set(connection.execute(select(rule_firings.c.requester)).scalars())


@each_helpdesk
def test_F119_an_erased_customer_is_in_no_file(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, database=f"sqlite:///{migrated(tmp_path)}", queue="embedded") as run:
        leave_deleted_bytes(run)
        told(run)
        told(run, OTHER, "Samarkand")
        before, people, packed = ledger(run), whose_firings(run), compressed(run)
        there = files(tmp_path)
        assert {column for column, values in packed.items() if any(each in there for each in values)} == {*PACKED}

        done = erase(run.parts.engine, NINA.upper(), (provider,))

        assert done.is_whole
        assert done.rows["tickets"] == 1
        left_as_it_is = files(tmp_path)
        left = left_as_it_is.lower()
        assert [each for each in (NINA, NINA.replace("@", "%40"), WORD) if each.lower().encode() in left] == []
        assert [column for column, values in packed.items() if any(each in left_as_it_is for each in values)] == []
        assert OTHER in rows(run)
        assert people - whose_firings(run)  # hers is gone, that a rule fired is not
        assert ledger(run) == before


# Each column that holds her words compressed, as the file has it: no type of ours between.
PACKED = (
    "words from ticket_texts",
    "facts_packed from runs",
    "plan from runs",
    "body from deliveries",
    "snapshot from tickets",
)


def compressed(run: Running) -> dict[str, list[bytes]]:
    """Her compressed bytes, as they stand in the file: those that fit on a page."""
    found = {}
    with reading(run.parts.engine) as connection:
        words = (
            words_of(
                connection, connection.execute(select(runs.c.rules_hash).where(runs.c.rules_hash != "")).scalars().first() or ""
            )
            or b""
        )
        for each in PACKED:
            kept = [value for value in connection.execute(text(f"select {each}")).scalars() if isinstance(value, bytes)]
            found[each] = [value for value in kept if len(value) < 900 and _is_hers(value, words)]
    return found


def _is_hers(packed: bytes, words: bytes) -> bool:
    return any(
        WORD in told or NINA in told for told in (_read(packed), _read(packed, words), unpack_value(packed).decode("latin-1"))
    )


def _read(packed: bytes, words: bytes = b"") -> str:
    try:
        return unpack(packed, words)
    except Unreadable:
        return ""


def leave_deleted_bytes(run: Running) -> None:
    """As SQLite does by itself; some distributions build it so that it overwrites what is deleted."""

    def set_up(connection: sqlite3.Connection, _: object) -> None:
        connection.execute("pragma secure_delete=off")

    event.listen(run.parts.engine, "connect", set_up)
    run.parts.engine.dispose()


def migrated(folder: Path) -> Path:
    path = folder / "deskhand.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


def ledger(run: Running) -> list[tuple[object, ...]]:
    """What the ledgers keep: keys, hashes, states."""
    with reading(run.parts.engine) as connection:
        received = select(deliveries.c.delivery_key, deliveries.c.body_sha256, deliveries.c.state).order_by(deliveries.c.seq)
        decided = select(runs.c.id, runs.c.facts_hash, runs.c.decision_hash, runs.c.rules_hash, runs.c.state).order_by(runs.c.id)
        table = requests_table.c
        written = select(table.run_id, table.number, table.operation, table.state).order_by(table.run_id, table.number)
        return [tuple(row) for query in (received, decided, written) for row in connection.execute(query)]


@each_helpdesk
def test_F119_on_either_database_no_row_holds_a_word_and_doing_it_again_finds_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        told(run)
        assert WORD in rows(run)

        would = erase(run.parts.engine, NINA, (provider,), is_dry=True)
        assert WORD in rows(run)
        erase(run.parts.engine, NINA, (provider,))
        again = erase(run.parts.engine, NINA, (provider,))

        found = rows(run)
        assert [each for each in (WORD, NINA, "Nothing works") if each.lower() in found.lower()] == []
        assert would.rows["tickets"] == 1
        assert sum(again.rows.values()) == 0


@each_helpdesk
def test_F119_a_repeat_of_an_erased_delivery_is_still_recognised(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        told(run)
        sent = run.desk.webhooks.sent[0]
        erase(run.parts.engine, NINA, (provider,))

        headers = {"Content-Type": "application/json", **sent.headers, **run.desk.sign(sent.body)}
        answer = requests.post(run.desk.webhooks.target or "", data=sent.body, headers=headers, timeout=10)
        run.settle()

        assert answer.json().get("duplicate") is True


def test_F119_by_the_helpdesks_id_and_in_one_account_only(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = told(run)
        with reading(run.parts.engine) as connection:
            snapshot, _ = tickets.snapshot(connection, run.key(ticket))
        assert snapshot is not None
        assert snapshot.requester is not None

        erase(run.parts.engine, snapshot.requester.external_id, ("another",))
        assert WORD in rows(run)
        erase(run.parts.engine, snapshot.requester.external_id, ("zendesk",))

        assert WORD not in rows(run)
        assert NINA not in rows(run)


def open_runs(run: Running) -> list[str]:
    with reading(run.parts.engine) as connection:
        return [*connection.execute(select(runs.c.id).where(runs.c.state.in_(("planned", "parked")))).scalars()]


def test_F119_work_in_flight_is_given_up_or_goes_on_with_what_the_helpdesk_has(tmp_path: Path) -> None:
    """A plan that was stored and not carried out, a live draft, and an event that nobody has looked at."""
    with deskhand(tmp_path, "zendesk") as run:
        ticket = told(run)
        run.desk.faults.order("500", method="PUT", times=50)
        run.desk.customer_reply(ticket, f"Still nothing in {WORD}.")
        delivered(run.desk)
        work_once(run, ticket)
        assert len(open_runs(run)) == 1
        run.desk.faults.reset()
        run.desk.customer_reply(ticket, f"Hello? {WORD}!")
        delivered(run.desk)
        notes = len(run.view(ticket).bot_notes)

        done = erase(run.parts.engine, NINA, ("zendesk",))

        assert done.is_whole
        assert WORD not in rows(run)
        with reading(run.parts.engine) as connection:
            assert drafts.in_state(connection, run.key(ticket), "live", "asked", "ready", "accepted") == []
            waiting = connection.execute(select(deliveries.c.events).where(deliveries.c.state == "pending")).scalars().all()
        assert open_runs(run) == []
        assert waiting
        run.settle()  # the helpdesk still has the ticket, so it is read again
        assert len(run.view(ticket).bot_notes) <= notes + 1


def test_F119_a_ticket_that_is_being_worked_on_is_waited_for_and_told(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = told(run)
        with run.parts.engine.begin() as connection:
            lease = tickets.seize(connection, run.key(ticket), "somebody", 60)
        assert lease is not None

        done = erase(run.parts.engine, NINA, ("zendesk",), wait_s=0.3)
        assert done.busy == (run.key(ticket),)
        assert WORD in rows(run)
        with run.parts.engine.begin() as connection:
            tickets.let_go(connection, lease)

        assert erase(run.parts.engine, NINA, ("zendesk",), wait_s=0.3).is_whole
        assert WORD not in rows(run)


def test_F119_one_of_the_team_is_not_erased(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        told(run)
        with run.parts.engine.begin() as connection:
            found = connection.execute(select(tickets_table.c.snapshot)).scalar_one()
            assigned = found.replace('"assignee":null', '"assignee":{"email":"anna.agent@example.com","external_id":"7"}')
            assert assigned != found
            connection.execute(update(tickets_table).values(snapshot=assigned))

        with pytest.raises(EraseRefused, match="your own team"):
            erase(run.parts.engine, "anna.agent@example.com", ("zendesk",))
        assert WORD in rows(run)
