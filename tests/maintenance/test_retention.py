"""What is kept too long goes, in its order: words, snapshots, rows. What still waits, and what must be recognised, stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, func, select, text, update

from adapters.ticket import TicketKey, TicketKind
from bot.config import RetentionSettings
from bot.maintenance.retention import Sweep
from bot.scheduler import ticker
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store import dead_letters, deliveries, drafts, duplicate_notes, runs, system_times, ticket_counts, tickets
from bot.store.database.engine import reading
from bot.store.database.schema import metadata
from bot.store.database.schema import runs as runs_table
from bot.store.deliveries import Receipt
from bot.store.drafts import StoredDraft
from bot.store.duplicate_notes import Double
from bot.store.models import opinions
from bot.store.packed import ticket_texts
from bot.store.packed.compression import unpack
from bot.store.ticket_counts import Counted
from rules.model.decision import DraftWish
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import ANNA, NINA, Running, deskhand
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template
from tests.store.makers import KEY, NOW, OTHER_KEY, incoming, later

SETTINGS = RetentionSettings(bodies_days=30, runs_days=90, snapshots_days=400, ledger_days=400)


def swept(engine: Engine, now: datetime, settings: RetentionSettings = SETTINGS) -> None:
    sweep = Sweep(engine, settings, now)
    while sweep.step():
        pass


def count(engine: Engine, name: str) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()


def stored(engine: Engine, key: str) -> tuple[bytes, str, str]:
    with reading(engine) as connection:
        row = connection.execute(
            select(*(metadata.tables["deliveries"].c[name] for name in ("body", "events", "state"))).where(
                metadata.tables["deliveries"].c.delivery_key == key
            )
        ).one()
    return bytes(row.body), row.events, row.state


def given(engine: Engine, key: str, state: str, at: datetime = NOW) -> None:
    with engine.begin() as connection:
        deliveries.store(connection, incoming(key, b"words", at=at))
        connection.execute(text("update deliveries set state = :state where delivery_key = :key"), {"state": state, "key": key})


@pytest.mark.parametrize("state", ["done", "ignored", "superseded"])
def test_a_settled_body_goes_after_its_days_and_its_key_stays(engine: Engine, state: str) -> None:
    given(engine, "old", state)
    given(engine, "young", state, later(days=2))

    swept(engine, later(days=31))

    assert stored(engine, "old") == (b"", "[]", state)
    assert stored(engine, "young")[0] == b"words"
    with engine.begin() as connection:
        assert deliveries.store(connection, incoming("old", b"words")) is Receipt.DUPLICATE
        assert deliveries.store(connection, incoming("old", b"other words")) is Receipt.CONFLICT


@pytest.mark.parametrize("state", ["pending", "parked"])
def test_what_still_waits_is_kept_whole_however_old(engine: Engine, state: str) -> None:
    given(engine, "old", state)

    swept(engine, later(days=4000))

    assert stored(engine, "old")[0] == b"words"
    assert count(engine, "tickets") == 1


def test_a_repeat_without_an_id_brings_its_words_back_for_its_run(engine: Engine) -> None:
    with engine.begin() as connection:
        deliveries.store(connection, incoming("hash", b"words", has_id=False))
        connection.execute(text("update deliveries set state = 'done'"))
    swept(engine, later(days=31))

    with engine.begin() as connection:
        deliveries.store(connection, incoming("hash", b"words", has_id=False, at=later(days=31)))
        [waiting] = deliveries.pending(connection, KEY)

    assert [event.ticket for event in waiting.events] == [KEY]
    assert stored(engine, "hash")[0] == b"words"


def test_more_rows_than_a_batch_are_all_reached(engine: Engine) -> None:
    with engine.begin() as connection:
        deliveries.store_all(connection, [incoming(f"evt-{number}", b"words") for number in range(450)])
        connection.execute(text("update deliveries set state = 'done'"))

    swept(engine, later(days=31))

    with reading(engine) as connection:
        assert connection.execute(text("select count(*) from deliveries where length(body) > 0")).scalar_one() == 0


def test_the_ledgers_rows_go_last(engine: Engine) -> None:
    given(engine, "old", "done")
    swept(engine, later(days=399))
    assert count(engine, "deliveries") == 1

    swept(engine, later(days=401))

    assert count(engine, "deliveries") == 0


def test_a_ticket_of_the_past_that_no_run_looked_at_is_counted_until_its_days_are_over(engine: Engine) -> None:
    given(engine, "known", "done")
    with engine.begin() as connection:
        for key, at in ((KEY, NOW), (OTHER_KEY, NOW), (TicketKey("acme", TicketKind.TICKET, "44"), later(days=300))):
            ticket_counts.keep(connection, Counted(key=key, opened_at=at, is_open=True))
        connection.execute(text("update tickets set done_seq = 0, dirty_seq = 1"))  # it has work: not forgotten itself

    swept(engine, later(days=401))

    with reading(engine) as connection:
        left = connection.execute(select(metadata.tables["counted_tickets"].c.external_id)).scalars().all()
    assert sorted(left) == ["42", "44"]


def test_nothing_goes_where_it_is_kept_for_ever(engine: Engine) -> None:
    given(engine, "old", "done")

    swept(engine, later(days=4000), RetentionSettings(bodies_days=None, runs_days=None, snapshots_days=None, ledger_days=None))

    assert stored(engine, "old")[0] == b"words"


def test_a_key_is_never_forgotten_before_thirty_days() -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 30"):
        RetentionSettings(ledger_days=29)


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[tuple[Running, str]]:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()
        yield run, ticket


def test_a_run_keeps_its_hashes_and_the_ticket_its_snapshot(worked: tuple[Running, str]) -> None:
    run, ticket = worked

    swept(run.parts.engine, datetime.now(UTC) + timedelta(days=91))

    rows = run.newest_runs(ticket)
    assert rows
    for row in rows:
        assert (row["facts"], row["decision"], row["plan"], row["ticket"]) == (None, None, None, None)
    assert any(row["facts_hash"] for row in rows)
    assert {each.state for each in run.requests(ticket)} == {"confirmed"}
    assert "Nothing works" not in repr([each.request.arguments for each in run.requests(ticket)])
    with reading(run.parts.engine) as connection:
        snapshot, _ = tickets.snapshot(connection, run.key(ticket))
    assert snapshot is not None


def kept_texts(run: Running) -> str:
    """All messages and long texts that are kept of tickets."""
    with reading(run.parts.engine) as connection:
        return repr([unpack(bytes(words)) for words in connection.execute(text("select words from ticket_texts")).scalars()])


def test_messages_go_with_the_last_run_that_read_them(worked: tuple[Running, str]) -> None:
    run, _ = worked
    assert "Nothing works since 09:40." in kept_texts(run)

    swept(run.parts.engine, datetime.now(UTC) + timedelta(days=91))

    assert kept_texts(run) == "[]"


def test_messages_that_a_newer_run_has_read_too_stay_with_it(worked: tuple[Running, str]) -> None:
    run, ticket = worked
    with run.parts.engine.begin() as connection:
        connection.execute(update(runs_table).values(started_at=datetime.now(UTC) - timedelta(days=100)))
        ticket_texts.keep(connection, run.key(ticket), ["read by nobody"])
    run.desk.customer_reply(ticket, "It is back again.")
    run.settle()
    newest = next(row for row in run.newest_runs(ticket) if row["facts"])

    swept(run.parts.engine, datetime.now(UTC))

    left = [row for row in run.newest_runs(ticket) if row["facts"]]
    assert [(row["id"], row["facts"]) for row in left] == [(newest["id"], newest["facts"])]
    assert "Nothing works since 09:40." in kept_texts(run)
    assert "read by nobody" not in kept_texts(run)


def test_rows_of_runs_that_keep_their_words_for_ever_take_the_words_with_them(worked: tuple[Running, str]) -> None:
    run, _ = worked
    kept = RetentionSettings(bodies_days=None, runs_days=None, snapshots_days=None, ledger_days=30)

    swept(run.parts.engine, datetime.now(UTC) + timedelta(days=31), kept)

    assert count(run.parts.engine, "runs") == 0
    assert kept_texts(run) == "[]"


def test_a_ticket_that_was_forgotten_is_met_as_if_for_the_first_time(worked: tuple[Running, str]) -> None:
    run, ticket = worked
    swept(run.parts.engine, datetime.now(UTC) + timedelta(days=401))
    tables = ("tickets", "deliveries", "runs", "requests", "rule_state", "counted_tickets")
    assert {name: count(run.parts.engine, name) for name in tables} == dict.fromkeys(tables, 0)

    run.desk.customer_reply(ticket, "It is back again.")
    run.settle()

    assert len(run.newest_runs(ticket)) >= 1
    assert 1 <= len(run.view(ticket).bot_notes) <= 2


def test_the_ticker_does_it_and_remembers_that_it_did(worked: tuple[Running, str], monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = worked
    now = [datetime.now(UTC) + timedelta(days=31)]
    parts = TickerParts(config=run.config, engine=run.parts.engine, bell=run.parts.bell, clock=lambda: now[0], owner="t")
    monkeypatch.setattr(ticker, "RETAIN_ASK_S", 0.0)
    sampled: list[Engine] = []
    monkeypatch.setattr(ticker, "refresh_statistics", sampled.append)
    found = Ticker(parts)

    for _ in range(30):
        found.retain()

    assert sampled == [run.parts.engine]
    with reading(run.parts.engine) as connection:
        assert system_times.last(connection, "retention_done") == now[0]
        assert connection.execute(text("select count(*) from deliveries where length(body) > 0")).scalar_one() == 0


# --- drafts that nobody took up


def drafted(connection: Connection, state: str, id: str, key: TicketKey = KEY, at: datetime = NOW) -> None:
    wish = DraftWish(rule="r1", instructions="Ask Nina for her invoice.")
    made = StoredDraft(
        id=id,
        key=key,
        run_id="run-1",
        state=state,
        message_id="m1",
        marker="ABCDEFGH",
        wish=wish,
        draft={"text": "Hello Nina"},
        text="Hello Nina",
        language="en",
        created_at=at,
    )
    drafts.add(connection, key, made)


@pytest.mark.parametrize("state", ["asked", "ready", "live"])
def test_a_draft_that_nobody_took_up_is_retired_without_its_words(engine: Engine, state: str) -> None:
    with engine.begin() as connection:
        drafted(connection, state, "old")
        drafted(connection, state, "young", at=later(days=2))

    swept(engine, later(days=91))

    with reading(engine) as connection:
        old, young = drafts.get(connection, "old"), drafts.get(connection, "young")
    assert old is not None
    assert young is not None
    assert (old.state, old.decided_by, old.text, old.draft) == ("retired", "age", "", None)
    assert "Nina" not in repr(old)
    assert (young.state, young.text) == (state, "Hello Nina")


def test_a_draft_stays_while_its_ticket_has_work(engine: Engine) -> None:
    """A run may be about to send it."""
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, NOW)
        drafted(connection, "live", "draft-1")
        drafted(connection, "live", "draft-2", OTHER_KEY)
        drafted(connection, "accepted", "draft-3", OTHER_KEY)

    swept(engine, later(days=91))

    with reading(engine) as connection:
        left = [drafts.get(connection, f"draft-{number}") for number in (1, 2, 3)]
    assert [each.state for each in left if each] == ["live", "retired", "accepted"]
    assert [each.text for each in left if each] == ["Hello Nina", "", "Hello Nina"]


@each_helpdesk
def test_accepting_a_draft_that_was_kept_too_long_is_answered(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()
        swept(run.parts.engine, datetime.now(UTC) + timedelta(days=91), RetentionSettings(snapshots_days=None))
        before = run.view(ticket)

        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert len(run.view(ticket).replies) == len(before.replies)
        newest = run.view(ticket).bot_notes[-1]
        assert "It was kept too long, and is gone." in newest.text


# --- what waits for a person


def test_a_plan_that_was_set_aside_loses_its_facts_and_is_still_carried_out(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        run.desk.faults.order("reset_before", method="PUT", times=10)
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle(30)
        run.desk.faults.reset()
        [aside] = [row for row in run.newest_runs(ticket) if row["state"] == "parked"]

        swept(run.parts.engine, datetime.now(UTC) + timedelta(days=4000))

        [left] = [row for row in run.newest_runs(ticket) if row["state"] == "parked"]
        assert (left["facts"], left["decision"]) == (None, None)
        assert (left["plan"], left["ticket"]) == (aside["plan"], aside["ticket"])
        assert kept_texts(run) == "[]"
        with run.parts.engine.begin() as connection:
            assert dead_letters.take_up(connection, run.key(ticket), run.parts.clock())
        run.settle()
        assert len(run.view(ticket).bot_notes) == 1
        assert [row["state"] for row in run.newest_runs(ticket) if row["id"] == aside["id"]] == ["done"]


def test_a_reply_whose_outcome_nobody_knows_keeps_its_words_until_a_person_has_looked(worked: tuple[Running, str]) -> None:
    run, ticket = worked
    first = run.newest_runs(ticket)[-1]["id"]
    with run.parts.engine.begin() as connection:
        connection.execute(update(runs_table).where(runs_table.c.id == first).values(state="waiting"))
        connection.execute(text("update requests set state = 'waiting' where run_id = :id"), {"id": first})

    swept(run.parts.engine, datetime.now(UTC) + timedelta(days=91))

    left = next(row for row in run.newest_runs(ticket) if row["id"] == first)
    assert (left["state"], left["facts"], left["decision"]) == ("waiting", None, None)
    with reading(run.parts.engine) as connection:
        assert all(each.request.arguments for each in runs.waiting(connection))


# --- notes that stood twice


def test_a_double_note_is_remembered_as_long_as_its_ticket(engine: Engine) -> None:
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, NOW)
        connection.execute(text("update tickets set done_seq = dirty_seq"))
        for key in (KEY, OTHER_KEY):
            duplicate_notes.record(connection, Double(key=key, marker="ABCDEFGH", first_id="1", second_id="2"), NOW)
        young = TicketKey("acme", TicketKind.TICKET, "44")
        duplicate_notes.record(connection, Double(key=young, marker="ABCDEFGH", first_id="1", second_id="2"), later(days=300))

    swept(engine, later(days=399))
    assert count(engine, "possible_duplicates") == 3

    swept(engine, later(days=401))

    assert count(engine, "tickets") == 0
    with reading(engine) as connection:
        assert [each.key for each in duplicate_notes.newest(connection, 10)] == [young]


def test_opinions_go_with_the_words_of_runs(engine: Engine) -> None:
    with engine.begin() as connection:
        opinions.add(connection, KEY, "old", "0" * 64, "m", later(days=-91), "{}")
        opinions.add(connection, KEY, "new", "0" * 64, "m", later(days=-89), "{}")

    swept(engine, NOW)

    with reading(engine) as connection:
        assert opinions.find(connection, KEY, "old") is None
        assert opinions.find(connection, KEY, "new")
