"""One run a ticket at a time: leases with a fencing token, on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, Engine, update

from bot.store import accounts, tickets
from bot.store.database.schema import tickets as table
from bot.store.tickets import Lease, LeaseLost, Memory, Rest
from tests.store.makers import KEY, NOW, OTHER_KEY, ticket


def claimed(connection: Connection, lease_s: float = 60.0, owner: str = "worker-1") -> Lease:
    tickets.mark_dirty(connection, KEY, NOW)
    lease = tickets.claim(connection, KEY, owner, lease_s)
    assert lease is not None
    return lease


def test_a_ticket_that_nothing_was_heard_of_cannot_be_claimed(connection: Connection) -> None:
    assert tickets.claim(connection, KEY, "worker-1", 60) is None


def test_a_dirty_ticket_is_claimed_by_one(connection: Connection) -> None:
    claimed(connection)

    assert tickets.claim(connection, KEY, "worker-2", 60) is None
    assert tickets.ready(connection) == []


def test_many_workers_at_once_and_one_lease(engine: Engine) -> None:
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, NOW)
    given: list[Lease | None] = []

    def try_it(number: int) -> None:
        with engine.begin() as connection:
            given.append(tickets.claim(connection, KEY, f"worker-{number}", 60))

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(given) == 8
    assert len([lease for lease in given if lease]) == 1


def test_a_lease_that_ran_out_goes_to_the_next_with_a_greater_token(connection: Connection) -> None:
    old = claimed(connection, lease_s=0)

    new = tickets.claim(connection, KEY, "worker-2", 60)

    assert new is not None
    assert new.token > old.token


def test_a_worker_that_was_overtaken_is_refused_everywhere(connection: Connection) -> None:
    old = claimed(connection, lease_s=0)
    new = tickets.claim(connection, KEY, "worker-2", 60)
    assert new is not None

    with pytest.raises(LeaseLost):
        tickets.guard(connection, old)
    with pytest.raises(LeaseLost):
        tickets.renew(connection, old, 60)
    tickets.release(connection, old, Rest())

    tickets.guard(connection, new)
    assert tickets.unfinished(connection) == 1


def test_a_lease_that_ran_out_refuses_writes_though_nobody_took_it(connection: Connection) -> None:
    lease = claimed(connection, lease_s=0)

    with pytest.raises(LeaseLost):
        tickets.guard(connection, lease)


def test_a_renewed_lease_goes_on(connection: Connection) -> None:
    lease = claimed(connection, lease_s=0)

    tickets.renew(connection, lease, 60)

    tickets.guard(connection, lease)


def test_a_lease_of_another_boot_has_run_out(connection: Connection) -> None:
    lease = claimed(connection)
    connection.execute(update(table).values(lease_boot="an-earlier-boot"))

    with pytest.raises(LeaseLost):
        tickets.guard(connection, lease)
    assert tickets.claim(connection, KEY, "worker-2", 60) is not None


def test_what_came_during_a_run_is_left_to_do(connection: Connection) -> None:
    lease = claimed(connection)
    tickets.mark_dirty(connection, KEY, NOW)

    tickets.release(connection, lease, Rest())

    assert tickets.ready(connection) == [KEY]


def test_a_finished_ticket_has_no_work(connection: Connection) -> None:
    tickets.release(connection, claimed(connection), Rest())

    assert tickets.ready(connection) == []
    assert tickets.unfinished(connection) == 0


def test_a_ticket_rests_after_a_run(connection: Connection) -> None:
    tickets.release(connection, claimed(connection), Rest(after_s=60))
    tickets.mark_dirty(connection, KEY, NOW)

    assert tickets.claim(connection, KEY, "worker-2", 60) is None
    assert tickets.ready(connection) == []
    assert tickets.unfinished(connection) == 1


def test_a_worker_that_dies_is_counted_and_one_that_ends_is_not(connection: Connection) -> None:
    claimed(connection, lease_s=0)
    second = tickets.claim(connection, KEY, "worker-2", 60)
    assert second is not None
    tickets.release(connection, second, Rest())
    tickets.mark_dirty(connection, KEY, NOW)
    third = tickets.claim(connection, KEY, "worker-3", 60)

    assert third is not None
    assert (second.crashes, third.crashes) == (1, 0)


def test_failures_are_counted_until_a_run_ends_well(connection: Connection) -> None:
    first = claimed(connection)
    tickets.release(connection, first, Rest(is_done=False, failed=True))
    second = tickets.claim(connection, KEY, "worker-1", 60)
    assert second is not None
    tickets.release(connection, second, Rest(is_done=False))  # waited only: neither better nor worse
    third = tickets.claim(connection, KEY, "worker-1", 60)
    assert third is not None
    tickets.release(connection, third, Rest())
    tickets.mark_dirty(connection, KEY, NOW)
    fourth = tickets.claim(connection, KEY, "worker-1", 60)

    assert fourth is not None
    assert (second.failures, third.failures, fourth.failures) == (1, 1, 0)


def test_the_longest_waiting_ticket_comes_first(connection: Connection) -> None:
    tickets.release(connection, claimed(connection), Rest())
    tickets.mark_dirty(connection, KEY, NOW)
    tickets.mark_dirty(connection, OTHER_KEY, NOW)

    assert tickets.ready(connection, limit=1) == [OTHER_KEY]


def test_tickets_of_a_blocked_account_do_not_stand_in_the_way_of_others(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    accounts.block(connection, KEY.account, 60)
    free = type(KEY)("globex", KEY.kind, "7")
    tickets.mark_dirty(connection, free, NOW)

    assert tickets.ready(connection, limit=1) == [free]


def test_tickets_of_an_account_that_is_no_longer_configured_do_not_stand_in_the_way(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    known = type(KEY)("globex", KEY.kind, "7")
    tickets.mark_dirty(connection, known, NOW)

    assert tickets.ready(connection, limit=1, accounts=("globex",)) == [known]


def test_snapshot_and_memory_come_back_without_raw_payloads(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    seen = ticket(tags=frozenset({"b", "a"}), updated_at=NOW, raw={"id": 42})
    memory = Memory(tags_put=frozenset({"a"}), set_by_us={"priority": "high", "team": None})

    tickets.keep_snapshot(connection, KEY, seen, memory)

    assert tickets.snapshot(connection, KEY) == (ticket(tags=frozenset({"a", "b"}), updated_at=NOW), memory)


def test_a_ticket_never_seen_has_no_snapshot(connection: Connection) -> None:
    assert tickets.snapshot(connection, KEY) == (None, Memory())


def test_words_that_no_encoding_holds_are_kept(connection: Connection) -> None:
    """JSON may hold half of a surrogate pair; a database's text may not."""
    tickets.mark_dirty(connection, KEY, NOW)

    tickets.keep_snapshot(connection, KEY, ticket(description="broken \ud83d emoji, and a \x00"), Memory())

    found, _ = tickets.snapshot(connection, KEY)
    assert found is not None
    assert found.description == "broken \ud83d emoji, and a \x00"
