"""How a ticket becomes dirty, rests, is seized and left: the corners of bot/store/tickets.py, on both databases."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from adapters.ticket import TicketKey, TicketKind
from bot.store import tickets
from bot.store.database.schema import tickets as table
from bot.store.tickets import PUT_OFF, Lease, LeaseLost, Memory, News, Rest
from tests.store.makers import KEY, NOW, OTHER_KEY, ticket

THIRD = TicketKey("acme", TicketKind.CONVERSATION, "42")


def row(connection: Connection, key: TicketKey = KEY) -> dict[str, Any]:
    where = (table.c.account == key.account, table.c.kind == key.kind.value, table.c.external_id == key.external_id)
    return dict(connection.execute(select(table).where(*where)).one()._mapping)


def claimed(connection: Connection, lease_s: float = 60.0) -> Lease:
    tickets.mark_dirty(connection, KEY, NOW)
    lease = tickets.claim(connection, KEY, "worker-1", lease_s)
    assert lease is not None
    return lease


def test_a_first_mark_makes_a_row_and_each_further_one_counts(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    tickets.mark_dirty(connection, KEY, NOW)

    found = row(connection)
    assert (found["dirty_seq"], found["done_seq"], found["first_seen_at"]) == (2, 0, NOW)
    assert tickets.dirty_seq(connection, KEY) == 2


def test_several_marks_at_once_are_each_counted(connection: Connection) -> None:
    tickets.mark_dirty(connection, OTHER_KEY, NOW)
    tickets.mark_all_dirty(connection, [News(key=OTHER_KEY, at=NOW, times=3), News(key=KEY, at=NOW), News(key=THIRD, at=NOW)])

    assert [tickets.dirty_seq(connection, key) for key in (KEY, OTHER_KEY, THIRD)] == [1, 4, 1]


def test_a_ticket_that_settles_is_claimed_only_after_its_time(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW, settles_s=30)
    waits_s = tickets.next_wake_s(connection)

    assert waits_s is not None
    assert 29 < waits_s <= 30
    assert tickets.claim(connection, KEY, "w", 60) is None
    assert tickets.ready(connection) == []


def test_a_ticket_that_nobody_knew_of_waits_and_one_that_is_known_does_not(connection: Connection) -> None:
    tickets.mark_all_dirty(connection, [News(key=KEY, at=NOW, if_new_s=30)])
    assert tickets.ready(connection) == []
    tickets.mark_all_dirty(connection, [News(key=KEY, at=NOW, if_new_s=30)])
    assert 29 < (tickets.next_wake_s(connection) or 0) <= 30

    tickets.mark_dirty(connection, OTHER_KEY, NOW)
    tickets.mark_all_dirty(connection, [News(key=OTHER_KEY, at=NOW, if_new_s=30)])
    assert tickets.ready(connection) == [OTHER_KEY]
    lease = tickets.claim(connection, OTHER_KEY, "w", 60)
    assert lease is not None
    tickets.release(connection, lease, Rest())
    tickets.mark_all_dirty(connection, [News(key=OTHER_KEY, at=NOW, if_new_s=30)])
    assert tickets.ready(connection) == [OTHER_KEY]


def test_a_ticket_that_had_work_keeps_its_time(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    tickets.mark_dirty(connection, KEY, NOW, settles_s=30)

    assert tickets.ready(connection) == [KEY]


@pytest.mark.parametrize(("rest_s", "settles_s", "waits_s"), [(5.0, 30.0, 30), (30.0, 5.0, 30), (20.0, 0.0, 20)])
def test_a_ticket_that_rests_waits_for_the_later_of_the_two(
    connection: Connection, rest_s: float, settles_s: float, waits_s: int
) -> None:
    tickets.release(connection, claimed(connection), Rest(after_s=rest_s))
    tickets.mark_dirty(connection, KEY, NOW, settles_s=settles_s)
    left_s = tickets.next_wake_s(connection)

    assert left_s is not None
    assert waits_s - 1 < left_s <= waits_s


def test_a_rest_of_another_boot_is_replaced_by_the_settling(connection: Connection) -> None:
    tickets.release(connection, claimed(connection), Rest(after_s=1e6))
    connection.execute(update(table).values(wake_boot="an-earlier-boot"))
    tickets.mark_dirty(connection, KEY, NOW, settles_s=5)
    left_s = tickets.next_wake_s(connection)

    assert left_s is not None
    assert left_s <= 5


def test_the_next_to_wake_is_the_soonest_that_has_work(connection: Connection) -> None:
    assert tickets.next_wake_s(connection) is None
    for key, after_s in ((KEY, 50.0), (OTHER_KEY, 20.0), (THIRD, 5.0)):
        tickets.mark_dirty(connection, key, NOW)
        lease = tickets.claim(connection, key, "w", 60)
        assert lease is not None
        tickets.release(connection, lease, Rest(after_s=after_s, is_done=key == THIRD))
    left_s = tickets.next_wake_s(connection)

    assert left_s is not None
    assert 19 < left_s <= 20
    assert tickets.unfinished(connection) == 2


def test_a_lease_says_who_holds_what_until_when(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    lease = claimed(connection)

    found = row(connection)
    assert (lease.key, lease.owner, lease.token, lease.covers_seq, lease.crashes, lease.failures) == (KEY, "worker-1", 1, 2, 0, 0)
    assert (found["lease_owner"], found["lease_token"], found["crashes"]) == ("worker-1", 1, 1)
    assert found["lease_until"] > 0
    assert found["lease_boot"] != ""


def test_a_lease_given_back_leaves_nothing_of_itself(connection: Connection) -> None:
    lease = claimed(connection)
    tickets.release(connection, lease, Rest(reason="r" * 300, after_s=1))

    found = row(connection)
    assert (found["lease_owner"], found["lease_boot"], found["lease_until"], found["crashes"]) == ("", "", 0, 0)
    assert (found["done_seq"], found["reason"], found["failures"]) == (1, "r" * 200, 0)
    assert found["wake_boot"] != ""


def test_only_work_that_is_done_counts_as_done(connection: Connection) -> None:
    lease = claimed(connection)
    tickets.release(connection, lease, Rest(is_done=False, failed=True, reason="down"))

    found = row(connection)
    assert (found["done_seq"], found["failures"], found["reason"]) == (0, 1, "down")
    again = tickets.claim(connection, KEY, "w", 60)
    assert again is not None
    assert again.failures == 1


def test_a_rest_is_by_itself_none_and_all_is_done() -> None:
    assert Rest() == Rest(after_s=0.0, is_done=True, failed=False, reason="")


def test_a_lease_that_ends_this_moment_is_over(connection: Connection) -> None:
    lease = claimed(connection)
    connection.execute(update(table).values(lease_until=1))

    with pytest.raises(LeaseLost, match="acme/ticket/42"):
        tickets.guard(connection, lease)


def test_a_lease_is_renewed_for_so_long(connection: Connection) -> None:
    lease = claimed(connection, lease_s=1)
    before = row(connection)["lease_until"]
    tickets.renew(connection, lease, 100)

    assert row(connection)["lease_until"] - before > 90_000_000
    assert row(connection)["lease_boot"] != ""
    with pytest.raises(LeaseLost, match="acme/ticket/42"):
        tickets.renew(connection, Lease(KEY, "w", lease.token + 1, 1, 0, 0), 100)


def test_a_ticket_without_work_can_be_seized_and_let_go(connection: Connection) -> None:
    tickets.release(connection, claimed(connection), Rest())
    seized = tickets.seize(connection, KEY, "eraser", 60)

    assert seized is not None
    assert (seized.owner, seized.token, seized.covers_seq, seized.crashes, seized.failures) == ("eraser", 2, 1, 0, 0)
    assert (row(connection)["lease_owner"], row(connection)["crashes"]) == ("eraser", 0)
    tickets.guard(connection, seized)
    assert tickets.seize(connection, KEY, "another", 60) is None
    tickets.let_go(connection, Lease(KEY, "x", seized.token + 1, 1, 0, 0))
    assert row(connection)["lease_owner"] == "eraser"
    tickets.let_go(connection, seized)
    left = row(connection)
    assert (left["lease_owner"], left["lease_boot"], left["lease_until"], left["done_seq"]) == ("", "", 0, 1)


def test_a_ticket_is_there_once_something_was_heard_of_it(connection: Connection) -> None:
    assert not tickets.is_there(connection, KEY)
    tickets.mark_dirty(connection, KEY, NOW)
    assert tickets.is_there(connection, KEY)
    assert not tickets.is_there(connection, OTHER_KEY)


def test_a_ticket_is_idle_until_something_is_heard_and_after_the_work(connection: Connection) -> None:
    assert tickets.is_idle(connection, KEY)
    lease = claimed(connection)
    assert not tickets.is_idle(connection, KEY)
    assert tickets.is_idle(connection, OTHER_KEY)
    tickets.release(connection, lease, Rest(is_done=False))
    assert not tickets.is_idle(connection, KEY)

    tickets.release(connection, claimed(connection), Rest())
    assert tickets.is_idle(connection, KEY)


def test_those_that_are_answered_late_are_counted_until_they_are_answered(connection: Connection) -> None:
    for key, reason in ((KEY, f"{PUT_OFF}: too many runs"), (OTHER_KEY, "down"), (THIRD, f"{PUT_OFF}: too many runs")):
        tickets.mark_dirty(connection, key, NOW)
        lease = tickets.claim(connection, key, "w", 60)
        assert lease is not None
        tickets.release(connection, lease, Rest(is_done=key == THIRD, reason=reason))

    assert tickets.put_off(connection) == 1


def test_tickets_that_differ_in_one_part_of_their_key_are_others(connection: Connection) -> None:
    claimed(connection)
    for key in (OTHER_KEY, THIRD, TicketKey("globex", TicketKind.TICKET, "42")):
        tickets.mark_dirty(connection, key, NOW)
        assert tickets.claim(connection, key, "w", 60) is not None
    assert tickets.ready(connection) == []


def test_the_list_of_ready_tickets_is_bounded(connection: Connection) -> None:
    for number in range(102):
        tickets.mark_dirty(connection, TicketKey("acme", TicketKind.TICKET, str(number)), NOW)

    assert len(tickets.ready(connection)) == 100
    assert len(tickets.ready(connection, limit=3)) == 3


def test_a_kind_of_ticket_that_only_a_newer_version_knows_is_left_to_it(connection: Connection) -> None:
    tickets.mark_dirty(connection, KEY, NOW)
    connection.execute(update(table).values(kind="hologram"))

    assert tickets.ready(connection) == []


def test_a_snapshot_is_of_its_own_ticket(connection: Connection) -> None:
    for key in (KEY, OTHER_KEY):
        tickets.mark_dirty(connection, key, NOW)
    tickets.keep_snapshot(connection, KEY, ticket(raw={"a": 1}), Memory(tags_put=frozenset({"x"})))

    assert tickets.snapshot(connection, KEY) == (ticket(), Memory(tags_put=frozenset({"x"})))
    assert tickets.snapshot(connection, OTHER_KEY) == (None, Memory())


def test_the_guarded_row_waits_for_the_runs_transaction(engine: Engine) -> None:
    """Between a run's guard and the end of its transaction nobody else gets the lease, though it runs out meanwhile."""
    with engine.begin() as connection:
        lease = claimed(connection, lease_s=0.3)
    taken: list[float] = []

    def take_over() -> None:
        time.sleep(0.05)
        while not taken:
            with engine.begin() as connection:
                if tickets.claim(connection, KEY, "worker-2", 60):
                    taken.append(time.monotonic())

    other = threading.Thread(target=take_over)
    with engine.begin() as connection:
        tickets.guard(connection, lease)
        other.start()
        time.sleep(0.5)
        ended_at = time.monotonic()
    other.join()

    assert taken[0] >= ended_at


def test_a_ticket_that_was_found_idle_gets_no_work_before_the_transaction_ends(engine: Engine) -> None:
    """What retention takes out of drafts must not be what a run is about to send."""
    with engine.begin() as connection:
        tickets.release(connection, claimed(connection), Rest())
    heard_at: list[float] = []

    def hear() -> None:
        with engine.begin() as connection:
            tickets.mark_dirty(connection, KEY, NOW)
            heard_at.append(time.monotonic())

    other = threading.Thread(target=hear)
    with engine.begin() as connection:
        assert tickets.is_idle(connection, KEY)
        other.start()
        time.sleep(0.2)
        ended_at = time.monotonic()
    other.join()

    assert heard_at[0] >= ended_at
