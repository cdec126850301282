"""The ledger of what was received: durable, recognised, ordered, settled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from sqlalchemy import Connection, func, select

from adapters.intercom.webhook import READER as INTERCOM
from adapters.ticket import EventType
from bot.store import deliveries, tickets
from bot.store.database.schema import deliveries as table
from bot.store.database.schema import delivery_conflicts
from bot.store.deliveries import Receipt
from tests.store.makers import KEY, OTHER_KEY, event, incoming, later


def rows(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_delivery_is_stored_and_its_ticket_is_dirty(connection: Connection) -> None:
    assert deliveries.store(connection, incoming()) is Receipt.STORED

    assert tickets.ready(connection) == [KEY]
    assert [each.events[0].kind_raw for each in deliveries.pending(connection, KEY)] == ["ticket.comment_added"]


def test_the_payload_is_kept_once_in_the_body_and_not_in_the_events(connection: Connection) -> None:
    deliveries.store(connection, incoming(body=b'{"a": 1}'))

    row = connection.execute(select(table)).one()
    assert bytes(row.body) == b'{"a": 1}'
    assert "of a customer" not in row.events


def test_a_repeated_delivery_is_stored_once_and_counted(connection: Connection) -> None:
    deliveries.store(connection, incoming())
    before = tickets.dirty_seq(connection, KEY)

    assert deliveries.store(connection, incoming()) is Receipt.DUPLICATE

    assert rows(connection) == 1
    assert connection.execute(select(table.c.repeats)).scalar_one() == 1
    assert tickets.dirty_seq(connection, KEY) == before


def test_the_same_id_with_another_body_is_kept_apart(connection: Connection) -> None:
    deliveries.store(connection, incoming(body=b"{}"))

    assert deliveries.store(connection, incoming(body=b'{"other": true}')) is Receipt.CONFLICT

    assert rows(connection) == 1
    assert bytes(connection.execute(select(delivery_conflicts.c.body)).scalar_one()) == b'{"other": true}'


def test_a_retry_of_what_an_earlier_version_stored_is_a_repeat(connection: Connection) -> None:
    tries = [b'{"id": "n1", "delivery_attempts": %d, "data": 1}' % number for number in (1, 2, 3)]
    other = b'{"id": "n1", "delivery_attempts": 4, "data": 2}'
    digest = INTERCOM.content_sha256
    deliveries.store(connection, incoming(body=tries[0]))  # with the hash of the whole body, as it was once
    assert connection.execute(select(table.c.body_sha256)).scalar_one() == deliveries.sha256_of(tries[0])

    receipts = [deliveries.store(connection, replace(incoming(body=each), digest=digest)) for each in (*tries, other)]

    assert receipts == [Receipt.DUPLICATE] * 3 + [Receipt.CONFLICT]


def test_what_does_not_tell_of_a_creation_makes_a_new_ticket_wait_and_the_creation_does_not(connection: Connection) -> None:
    created = replace(event(OTHER_KEY, "evt-2"), type=EventType.TICKET_CREATED)
    replied = replace(incoming(), if_new_s=30.0)
    opened = replace(incoming("evt-2", key=OTHER_KEY), events=(created,), if_new_s=30.0)
    also = replace(incoming("evt-3", key=OTHER_KEY), if_new_s=30.0)

    deliveries.store_all(connection, [replied, also, opened])

    assert tickets.ready(connection) == [OTHER_KEY]


def test_the_same_id_at_two_accounts_is_two_deliveries(connection: Connection) -> None:
    deliveries.store(connection, incoming())
    other = incoming()

    receipt = deliveries.store(connection, replace(other, account="globex"))

    assert receipt is Receipt.STORED
    assert rows(connection) == 2


def test_an_equal_body_without_an_id_marks_the_ticket_dirty_again(connection: Connection) -> None:
    deliveries.store(connection, incoming(has_id=False))
    done(connection)

    receipt = deliveries.store(connection, incoming(has_id=False, at=later(minutes=5)))

    assert receipt is Receipt.DUPLICATE
    assert [each.received_at for each in deliveries.pending(connection, KEY)] == [later(minutes=5)]
    assert tickets.dirty_seq(connection, KEY) == 2


def test_an_equal_body_while_the_first_still_waits_marks_the_ticket_once_more(connection: Connection) -> None:
    """A run may have read the ticket before the repeat came: what the repeat tells may be newer."""
    deliveries.store(connection, incoming(has_id=False))

    deliveries.store(connection, incoming(has_id=False))

    assert tickets.dirty_seq(connection, KEY) == 2
    assert len(deliveries.pending(connection, KEY)) == 1


def test_an_equal_body_while_a_plan_is_carried_out_leaves_the_plan_its_deliveries(connection: Connection) -> None:
    deliveries.store(connection, incoming(has_id=False))
    deliveries.assign(connection, [each.seq for each in deliveries.pending(connection, KEY)], "run-1")

    deliveries.store(connection, incoming(has_id=False))

    assert tickets.dirty_seq(connection, KEY) == 2
    assert len(deliveries.assigned(connection, KEY, "run-1")) == 1


def test_a_delivery_that_tells_nothing_is_kept_and_wakes_nobody(connection: Connection) -> None:
    receipt = deliveries.store(connection, incoming(key=None, ignored="unknown_event ping"))

    assert receipt is Receipt.IGNORED
    assert tickets.ready(connection) == []
    assert deliveries.counts(connection) == {"ignored": 1}


def test_pending_deliveries_come_in_receive_order_and_of_one_ticket(connection: Connection) -> None:
    for name, key in (("e1", KEY), ("e2", OTHER_KEY), ("e3", KEY)):
        deliveries.store(connection, incoming(name, key=key))

    assert [each.events[0].delivery_key for each in deliveries.pending(connection, KEY)] == ["e1", "e3"]


def test_assigned_deliveries_belong_to_their_run(connection: Connection) -> None:
    deliveries.store(connection, incoming("e1"))
    waiting = deliveries.pending(connection, KEY)
    deliveries.assign(connection, [each.seq for each in waiting], "run-1")
    deliveries.store(connection, incoming("e2"))

    assert [each.events[0].delivery_key for each in deliveries.assigned(connection, KEY, "run-1")] == ["e1"]
    assert [each.events[0].delivery_key for each in deliveries.pending(connection, KEY)] == ["e2"]


def test_a_settled_delivery_stays_settled(connection: Connection) -> None:
    deliveries.store(connection, incoming())
    seqs = [each.seq for each in deliveries.pending(connection, KEY)]
    deliveries.settle(connection, seqs, "done", "", "run-1")

    deliveries.settle(connection, seqs, "ignored", "too late", "run-2")

    assert deliveries.counts(connection) == {"done": 1}


def test_waiting_deliveries_are_counted(connection: Connection) -> None:
    deliveries.store(connection, incoming("e1"))
    deliveries.store(connection, incoming("e2", at=later(hours=1)))

    assert deliveries.backlog(connection) == 2
    assert deliveries.stale(connection, later(minutes=30)) == 1
    assert deliveries.stale(connection, later(minutes=-1)) == 0


def test_hundreds_of_deliveries_are_settled_at_once(connection: Connection) -> None:
    for number in range(1100):
        deliveries.store(connection, incoming(f"e{number}"))

    deliveries.settle(connection, [each.seq for each in deliveries.pending(connection, KEY)], "done", "", "run-1")

    assert deliveries.counts(connection) == {"done": 1100}


def test_receive_times_come_back_as_they_went(connection: Connection) -> None:
    moment = later(microseconds=123456)
    deliveries.store(connection, incoming(at=moment))

    found = deliveries.pending(connection, KEY)[0].received_at
    assert found == moment
    assert found.tzinfo is UTC


def done(connection: Connection) -> None:
    deliveries.settle(connection, [each.seq for each in deliveries.pending(connection, KEY)], "done", "", "run-1")
