"""Customers' words go out of rows whose keys, hashes and states stay."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select, update

from adapters.codec import dumps
from bot.maintenance import redaction
from bot.store import deliveries, drafts, due, runs
from bot.store.database.schema import deliveries as table
from bot.store.database.schema import delivery_conflicts as conflicts
from bot.store.database.schema import due as due_table
from bot.store.deliveries import Receipt
from tests.store.makers import KEY, NOW, OTHER_KEY, incoming, later, plan, request, ticket
from tests.store.test_drafts import DRAFT


def test_a_settled_delivery_keeps_what_a_repeat_is_recognised_by(connection: Connection) -> None:
    deliveries.store(connection, incoming(body=b"words"))
    connection.execute(update(table).values(state="done"))
    [seq] = connection.execute(select(table.c.seq)).scalars()

    assert redaction.empty_deliveries(connection, [seq]) == 1

    assert connection.execute(select(table.c.body, table.c.events)).one() == (b"", "[]")
    assert deliveries.store(connection, incoming(body=b"words")) is Receipt.DUPLICATE


def test_one_that_waits_keeps_its_ticket_and_kind_and_no_words(connection: Connection) -> None:
    deliveries.store(connection, incoming(body=b"words"))
    [seq] = connection.execute(select(table.c.seq)).scalars()

    redaction.empty_deliveries(connection, [seq])

    [waiting] = deliveries.pending(connection, KEY)
    [event] = waiting.events
    assert (event.ticket, event.kind_raw, event.raw, event.actor, event.changes) == (KEY, "ticket.comment_added", None, None, {})


def test_a_conflicts_body_goes(connection: Connection) -> None:
    for body in (b"words", b"other words"):
        deliveries.store(connection, incoming(body=body))
    ids = connection.execute(select(conflicts.c.id)).scalars().all()

    assert redaction.empty_conflicts(connection, ids) == 1
    assert connection.execute(select(conflicts.c.body, conflicts.c.delivery_key)).one() == (b"", "evt-1")


def test_a_run_keeps_its_hashes_and_what_it_asked_for_without_the_words(connection: Connection) -> None:
    runs.start(connection, "run-1", KEY, 1, 3, "live", NOW)
    kept = {"plan": dumps(plan()), "ticket": dumps(ticket()), "facts": "{}", "facts_hash": "f1", "is_writing": True}
    runs.keep_plan(connection, "run-1", **kept)
    runs.add_requests(connection, "run-1", [request(arguments={"note": "words of a customer"})])

    assert redaction.empty_runs(connection, ["run-1"]) == 1

    row = runs.find(connection, "run-1")
    assert row is not None
    assert (row["facts"], row["plan"], row["ticket"], row["facts_hash"]) == (None, None, None, "f1")
    assert [each.request for each in runs.of_run(connection, "run-1")] == [request()]


def test_a_draft_keeps_its_state_and_marker(connection: Connection) -> None:
    drafts.add(connection, KEY, replace(DRAFT, shown_to="aa:bb"))
    drafts.move(connection, DRAFT.id, "sent", NOW, approved_by="8", approved_name="Anna", approved_at=NOW, approved_run="run-2")

    assert redaction.empty_drafts(connection, [DRAFT.id]) == 1

    found = drafts.get(connection, DRAFT.id)
    assert found is not None
    assert (found.text, found.draft, found.wish.tone, found.shown_to) == ("", None, "", "")
    assert drafts.approval(connection, KEY, "run-2") == drafts.Approval(agent="8", name="Anna", at=NOW, state="sent")
    assert (found.state, found.marker, found.language) == ("sent", DRAFT.marker, DRAFT.language)


def test_times_to_come_of_one_ticket_go_also_those_that_have_come(connection: Connection) -> None:
    for key in (KEY, KEY, OTHER_KEY):
        due.add_due(connection, key, later(hours=1), "follow_up", {"text": "words"})
    due.close_due(connection, due.due_of(connection, KEY, "follow_up")[0].id)

    assert redaction.drop_due(connection, KEY) == 2
    assert connection.execute(select(due_table.c.external_id)).scalars().all() == [OTHER_KEY.external_id]
