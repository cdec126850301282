"""What is set aside for a person: listed with its reason, taken up as it was, or given up; never in the next event's way."""

from __future__ import annotations

from sqlalchemy import Connection

from adapters.codec import dumps
from adapters.ticket import Ticket
from adapters.writes import Plan, Request
from bot.store import dead_letters, deliveries, runs, tickets
from bot.store.tickets import Rest
from tests.store.makers import KEY, NOW, incoming
from tests.store.test_ticket_leases import claimed


def with_parked_delivery(connection: Connection) -> None:
    deliveries.store(connection, incoming("e1", key=KEY))
    deliveries.settle(connection, [each.seq for each in deliveries.pending(connection, KEY)], "parked", "loop cap", None)
    lease = tickets.claim(connection, KEY, "worker-1", 60)
    assert lease is not None
    tickets.release(connection, lease, Rest())


def with_stored_plan(connection: Connection) -> None:
    runs.start(connection, "run-1", KEY, 1, 1, "live", NOW)
    runs.keep_plan(connection, "run-1", plan=dumps(Plan(ticket=KEY)), ticket=dumps(Ticket()))
    runs.add_requests(connection, "run-1", [Request(ticket=KEY, number=0, operation="add_note")])


def test_deliveries_that_were_set_aside_are_listed_and_wait_again(connection: Connection) -> None:
    with_parked_delivery(connection)

    assert [(each.key, each.reason, each.deliveries) for each in dead_letters.everything(connection)] == [(KEY, "loop cap", 1)]
    assert tickets.ready(connection) == []
    assert dead_letters.take_up(connection, KEY, NOW) == 1
    assert tickets.ready(connection) == [KEY]
    assert len(deliveries.pending(connection, KEY)) == 1
    assert dead_letters.everything(connection) == []


def test_deliveries_that_are_given_up_bring_no_work(connection: Connection) -> None:
    with_parked_delivery(connection)

    assert dead_letters.give_up(connection, KEY, NOW) == 1
    assert tickets.ready(connection) == []
    assert deliveries.counts(connection) == {"ignored": 1}
    assert dead_letters.take_up(connection, KEY, NOW) == 0


def test_a_plan_set_aside_is_taken_up_as_it_was_stored(connection: Connection) -> None:
    claimed(connection)
    with_stored_plan(connection)

    dead_letters.set_plan_aside(connection, KEY, "kept changing", NOW)

    assert runs.planned(connection, KEY) is None
    assert [(each.reason, each.plans) for each in dead_letters.everything(connection)] == [("kept changing", 1)]
    assert dead_letters.take_up(connection, KEY, NOW) == 1
    found = runs.planned(connection, KEY)
    assert found is not None
    assert found.requests[0].state == "intended"


def test_a_plan_that_is_given_up_is_never_sent(connection: Connection) -> None:
    claimed(connection)
    with_stored_plan(connection)
    dead_letters.set_plan_aside(connection, KEY, "kept changing", NOW)

    assert dead_letters.give_up(connection, KEY, NOW) == 1
    assert runs.planned(connection, KEY) is None
    assert [each.state for each in runs.of_run(connection, "run-1")] == ["failed"]
