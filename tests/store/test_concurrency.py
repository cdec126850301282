"""What many workers share through the database, with several of them at it at the same moment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Connection, Engine, update

from adapters.errors import RateLimited
from adapters.ticket import Event, EventType, Provider, TicketKey
from bot.shared.rate_limit import SharedBudget
from bot.store import accounts, deliveries, tickets
from bot.store.accounts import FAILURES_IN_A_ROW
from bot.store.database.engine import reading
from bot.store.database.schema import accounts as table
from bot.store.deliveries import Incoming
from tests.harness.at_once import at_once
from tests.store.makers import KEY, NOW


def test_workers_that_take_tokens_at_once_get_no_more_than_there_are(engine: Engine) -> None:
    def take(number: int) -> int:
        taken = 0
        for _ in range(10):
            with engine.begin() as connection:
                taken += accounts.take_tokens(connection, "acme", 3, 100).given
        return taken

    assert sum(at_once(take)) == 100


def test_a_lock_is_given_to_one_of_those_who_come_together(engine: Engine) -> None:
    def hold(number: int) -> bool:
        with engine.begin() as connection:
            return accounts.hold_lock(connection, "ticker", f"worker-{number}", 60)

    assert sum(at_once(hold)) == 1


def test_a_lock_that_was_left_is_free_and_another_owners_is_not(connection: Connection) -> None:
    accounts.hold_lock(connection, "read", "a", 60)

    accounts.leave_lock(connection, "read", "b")
    assert not accounts.hold_lock(connection, "read", "b", 60)
    accounts.leave_lock(connection, "read", "a")
    assert accounts.hold_lock(connection, "read", "b", 60)


def test_receivers_that_mark_the_same_tickets_in_another_order_do_not_block_each_other(engine: Engine) -> None:
    keys = [replace(KEY, external_id=str(number)) for number in range(12)]

    def receive(number: int) -> None:
        ordered = keys if number % 2 else keys[::-1]
        for group in range(8):
            with engine.begin() as connection:
                deliveries.store_all(connection, [_delivery(key, f"{number}-{group}-{key.external_id}") for key in ordered])

    at_once(receive, 4)

    with reading(engine) as connection:
        assert sum(deliveries.counts(connection).values()) == 4 * 8 * len(keys)
        assert tickets.unfinished(connection) == len(keys)


def _delivery(key: TicketKey, name: str) -> Incoming:
    heard = Event(provider=Provider.FRESHDESK, type=EventType.OTHER, ticket=key, delivery_key=name, has_delivery_id=True)
    return Incoming(account=key.account, delivery_key=name, body=b"{}", events=(heard,), received_at=NOW)


# a helpdesk that fails


def _fail(connection: Connection, times: int) -> list[float]:
    return [accounts.count_failure(connection, "acme", 5.0, 60.0) for _ in range(times)]


def _let_the_pause_pass(connection: Connection) -> None:
    connection.execute(update(table).values(blocked_until=0))


def test_failures_in_a_row_pause_the_account_for_all(connection: Connection) -> None:
    assert _fail(connection, FAILURES_IN_A_ROW - 1) == [0.0] * (FAILURES_IN_A_ROW - 1)
    assert accounts.state(connection, "acme").blocked_s == 0

    assert _fail(connection, 1) == [5.0]
    assert 4 < accounts.state(connection, "acme").blocked_s <= 5


def test_each_further_pause_is_longer_up_to_the_most(connection: Connection) -> None:
    _fail(connection, FAILURES_IN_A_ROW)
    pauses = []
    for _ in range(5):
        _let_the_pause_pass(connection)
        pauses += _fail(connection, 1)

    assert pauses == [10.0, 20.0, 40.0, 60.0, 60.0]


def test_calls_that_were_under_way_when_the_pause_began_do_not_lengthen_it(connection: Connection) -> None:
    _fail(connection, FAILURES_IN_A_ROW)

    assert _fail(connection, 20) == [0.0] * 20
    _let_the_pause_pass(connection)
    assert _fail(connection, 1) == [10.0]


def test_one_success_ends_the_row(connection: Connection) -> None:
    _fail(connection, FAILURES_IN_A_ROW)
    _let_the_pause_pass(connection)

    accounts.count_success(connection, "acme")

    assert _fail(connection, FAILURES_IN_A_ROW - 1) == [0.0] * (FAILURES_IN_A_ROW - 1)


def test_answers_of_one_worker_pause_the_others(engine: Engine) -> None:
    first, second = (SharedBudget(engine, "acme", 1000, 1.0, pause_s=(30.0, 60.0)) for _ in range(2))
    first.take()
    for status in (503, 500, 0, 502) * 2:
        first.learn(status, {})

    with pytest.raises(RateLimited) as refused:
        second.take()
    assert 25 < refused.value.retry_after_s <= 30


def test_a_success_between_failures_keeps_the_account_at_work(engine: Engine) -> None:
    budget = SharedBudget(engine, "acme", 1000, 1.0, pause_s=(30.0, 60.0))
    for status in (503, 503, 503, 503, 503, 503, 503, 200) * 3:
        budget.take()
        budget.learn(status, {})

    budget.take()
