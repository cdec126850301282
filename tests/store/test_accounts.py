"""What the workers of an installation share about an account: blocks, tokens, reference data, locks, polls."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, update

from bot.store import accounts
from bot.store.database.schema import accounts as table
from bot.store.database.schema import paces
from tests.store.makers import NOW, later


def test_an_account_never_heard_of_is_free(connection: Connection) -> None:
    assert accounts.state(connection, "acme").blocked_s == 0
    assert accounts.state(connection, "acme").polled_at is None


def test_a_block_holds_for_its_time_and_tells_why(connection: Connection) -> None:
    accounts.block(connection, "acme", 60, held_reason="token refused")

    state = accounts.state(connection, "acme")
    assert 55 < state.blocked_s <= 60
    assert state.held_reason == "token refused"


def test_a_block_that_is_over_is_none(connection: Connection) -> None:
    accounts.block(connection, "acme", 0)

    assert accounts.state(connection, "acme").blocked_s == 0


def test_a_longer_block_stays(connection: Connection) -> None:
    accounts.block(connection, "acme", 600)

    accounts.block(connection, "acme", 5)

    assert accounts.state(connection, "acme").blocked_s > 500


def test_a_block_of_an_earlier_boot_is_over(connection: Connection) -> None:
    accounts.block(connection, "acme", 600)
    connection.execute(update(table).values(blocked_boot="an-earlier-boot"))

    assert accounts.state(connection, "acme").blocked_s == 0
    accounts.block(connection, "acme", 5)
    assert 0 < accounts.state(connection, "acme").blocked_s <= 5


def test_tokens_are_given_until_the_minute_is_used_up(connection: Connection) -> None:
    given = [accounts.take_tokens(connection, "acme", 4, 10).given for _ in range(4)]

    assert given == [4, 4, 2, 0]
    assert 0 < accounts.take_tokens(connection, "acme", 4, 10).wait_s <= 60


def test_tokens_that_were_not_used_can_be_given_back(connection: Connection) -> None:
    minute = accounts.take_tokens(connection, "acme", 10, 10).minute

    accounts.give_back(connection, "acme", 4, minute)
    accounts.give_back(connection, "acme", 0, minute)

    assert accounts.take_tokens(connection, "acme", 10, 10).given == 4
    accounts.give_back(connection, "acme", 1000, minute)
    assert accounts.take_tokens(connection, "acme", 10, 10).given == 10


def test_tokens_of_an_earlier_minute_make_this_one_no_larger(connection: Connection) -> None:
    earlier = accounts.take_tokens(connection, "acme", 10, 10).minute
    connection.execute(update(table).values(window_start=table.c.window_start - 61_000_000))
    accounts.take_tokens(connection, "acme", 10, 10)

    accounts.give_back(connection, "acme", 4, earlier)

    assert accounts.take_tokens(connection, "acme", 10, 10).given == 0


def test_a_new_minute_gives_tokens_again(connection: Connection) -> None:
    accounts.take_tokens(connection, "acme", 10, 10)
    connection.execute(update(table).values(window_start=table.c.window_start - 61_000_000))

    assert accounts.take_tokens(connection, "acme", 3, 10)[:2] == (3, 0.0)


def test_accounts_do_not_use_up_each_others_tokens(connection: Connection) -> None:
    accounts.take_tokens(connection, "acme", 10, 10)

    assert accounts.take_tokens(connection, "globex", 10, 10).given == 10


def test_reference_data_is_given_while_it_is_young(connection: Connection) -> None:
    accounts.put_reference(connection, "acme", "teams", [{"id": 1}], NOW)

    assert accounts.get_reference(connection, "acme", "teams", later(minutes=-1)) == [{"id": 1}]
    assert accounts.get_reference(connection, "acme", "teams", later(minutes=1)) is None
    assert accounts.get_reference(connection, "globex", "teams", later(minutes=-1)) is None


def test_newer_reference_data_takes_the_place_of_older(connection: Connection) -> None:
    accounts.put_reference(connection, "acme", "teams", ["old"], NOW)

    accounts.put_reference(connection, "acme", "teams", ["new"], later(hours=1))

    assert accounts.get_reference(connection, "acme", "teams", later(minutes=30)) == ["new"]


def test_a_lock_has_one_owner_who_may_renew_it(connection: Connection) -> None:
    assert accounts.hold_lock(connection, "ticker", "a", 60)
    assert not accounts.hold_lock(connection, "ticker", "b", 60)
    assert accounts.hold_lock(connection, "ticker", "a", 60)


def test_a_lock_that_ran_out_goes_to_the_next(connection: Connection) -> None:
    accounts.hold_lock(connection, "ticker", "a", 0)

    assert accounts.hold_lock(connection, "ticker", "b", 60)
    assert not accounts.hold_lock(connection, "ticker", "a", 60)


def test_the_polls_cursor_and_time_are_kept(connection: Connection) -> None:
    accounts.keep_poll(connection, "acme", "cursor-2", NOW)

    state = accounts.state(connection, "acme")
    assert (state.poll_cursor, state.polled_at) == ("cursor-2", NOW)


PACE = accounts.Pace(every_s=30.0, at_once=3)  # so slow that a busy machine's time changes nothing


def test_some_steps_are_given_at_once_and_the_rest_one_after_the_other(connection: Connection) -> None:
    waits = [accounts.step(connection, "acme", "update", PACE) for _ in range(5)]

    assert waits[:3] == [0.0, 0.0, 0.0]
    assert 20 < waits[3] <= 30
    assert 29 < waits[4] - waits[3] <= 30  # told a moment of its own


def test_each_limit_and_each_account_has_its_own_pace(connection: Connection) -> None:
    for _ in range(4):
        accounts.step(connection, "acme", "update", PACE)

    assert accounts.step(connection, "acme", "export", PACE) == 0
    assert accounts.step(connection, "globex", "update", PACE) == 0


def test_nobody_steps_while_the_vendor_says_that_none_is_left(connection: Connection) -> None:
    accounts.stand_still(connection, "acme", "update", PACE, 40)
    wait_s = accounts.step(connection, "acme", "update", PACE)

    accounts.stand_still(connection, "acme", "export", PACE, 0)

    assert 30 < wait_s <= 40
    assert accounts.step(connection, "acme", "export", PACE) == 0


def test_a_pace_of_an_earlier_boot_is_over(connection: Connection) -> None:
    accounts.stand_still(connection, "acme", "update", PACE, 600)
    connection.execute(update(paces).values(boot="an-earlier-boot"))

    assert accounts.step(connection, "acme", "update", PACE) == 0


def test_a_poll_cursor_is_kept_whole(connection: Connection) -> None:
    """Cut off it could never be read again, and no poll would succeed any more."""
    cursor = "x" * 50_000
    accounts.keep_poll(connection, "acme", cursor, datetime(2026, 11, 21, tzinfo=UTC))

    assert accounts.state(connection, "acme").poll_cursor == cursor
