"""What all workers share about an account's API: calls per minute."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from adapters.errors import RateLimited
from adapters.helpdesk import CallLimit
from bot.runtime.retry import backoff_s
from bot.shared.rate_limit import SharedBudget
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate

pytestmark = pytest.mark.both_storages


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'budget.sqlite3'}")
    migrate(made)
    yield made
    made.dispose()


def taken(budget: SharedBudget, most: int = 1000) -> int:
    """How many calls are allowed now."""
    for number in range(most):
        try:
            budget.take()
        except RateLimited:
            return number
    return most


def test_our_share_of_the_minute_is_given_and_not_one_call_more(engine: Engine) -> None:
    assert taken(SharedBudget(engine, "acme", 40, 0.5)) == 20


def test_two_processes_share_one_budget(engine: Engine) -> None:
    first, second = (SharedBudget(engine, "acme", 40, 0.5) for _ in range(2))

    assert taken(first, 12) + taken(second) == 20


def test_what_a_closed_budget_did_not_use_is_for_others(engine: Engine) -> None:
    """RQ forks for each job: a minute has only twenty chunks, and more jobs than that."""
    for _ in range(60):
        job = SharedBudget(engine, "acme", 400, 0.5)
        for _ in range(3):
            job.take()
        job.close()
        job.close()

    assert taken(SharedBudget(engine, "acme", 400, 0.5)) == 20


def test_another_account_has_its_own(engine: Engine) -> None:
    taken(SharedBudget(engine, "acme", 40, 0.5))

    assert taken(SharedBudget(engine, "globex", 40, 0.5)) == 20


def test_a_used_up_budget_says_when_to_come_again(engine: Engine) -> None:
    budget = SharedBudget(engine, "acme", 4, 0.5)
    taken(budget)

    with pytest.raises(RateLimited) as refused:
        budget.take()

    assert 1 <= refused.value.retry_after_s <= 60


def test_a_429_stops_every_process(engine: Engine) -> None:
    first, second = (SharedBudget(engine, "acme", 1000, 1.0) for _ in range(2))
    first.take()

    first.block(30)

    for each in (first, second):
        with pytest.raises(RateLimited) as refused:
            each.take()
        assert 25 < refused.value.retry_after_s <= 30.5


def test_a_429_stops_a_process_that_has_calls_in_stock(engine: Engine) -> None:
    first, second = (SharedBudget(engine, "acme", 1000, 1.0) for _ in range(2))
    assert taken(second, 3) == 3  # of a chunk of fifty

    first.block(30)

    assert taken(second) == 0


UPDATE = CallLimit(name="update", method="PUT", path=r".*/tickets/[0-9]+", per_minute=100, header="x-update")


def updates(budget: SharedBudget, most: int = 1000) -> int:
    """How many updates are allowed now."""
    for number in range(most):
        try:
            budget.take("PUT", "/api/v2/tickets/7")
        except RateLimited:
            return number
    return most


def test_a_smaller_limit_of_the_vendor_is_shared_and_spread_over_the_minute(engine: Engine) -> None:
    first, second = (SharedBudget(engine, "acme", 10_000, 0.5, [UPDATE]) for _ in range(2))

    at_once = updates(first, 6) + updates(second)

    assert 10 <= at_once <= 11  # a fifth of our fifty; on a slow machine one more comes due meanwhile
    assert taken(first, 20) == 20  # reads go on


def test_who_is_told_to_wait_is_told_a_moment_of_its_own(engine: Engine) -> None:
    budget = SharedBudget(engine, "acme", 10_000, 0.5, [UPDATE])
    updates(budget)

    waits = []
    for _ in range(4):
        with pytest.raises(RateLimited) as refused:
            budget.take("PUT", "/api/v2/tickets/7")
        waits.append(refused.value.retry_after_s)

    apart = [later - sooner for sooner, later in itertools.pairwise(waits)]
    assert apart == pytest.approx([1.5] * 3, abs=0.4)  # 40 a minute, less what the asking took


def test_a_call_that_a_smaller_limit_refused_costs_nothing_of_the_minute(engine: Engine) -> None:
    budget = SharedBudget(engine, "acme", 40, 0.5, [UPDATE])
    used = updates(budget)

    assert used + taken(budget) == 20


def test_what_an_answer_tells_of_a_smaller_limit_is_believed(engine: Engine) -> None:
    budget = SharedBudget(engine, "acme", 10_000, 0.5, [UPDATE])

    budget.learn(200, {"X-Update": "total=300; remaining=120; resets=12"})
    at_once = updates(budget)
    budget.learn(200, {"X-Update": "total=300; remaining=0; resets=12"})
    with pytest.raises(RateLimited) as refused:
        budget.take("PUT", "/api/v2/tickets/7")

    assert 30 <= at_once <= 40  # one more each half second
    assert 10 < refused.value.retry_after_s <= 14


def test_a_vendor_that_allows_less_than_configured_is_believed(engine: Engine) -> None:
    budget = SharedBudget(engine, "acme", 400, 0.5)

    budget.learn(200, {"X-Rate-Limit": "100"})

    assert taken(budget) == 50


def test_calls_that_were_taken_in_stock_and_not_made_are_given_back(engine: Engine) -> None:
    """A stock of a large minute, then the news that the plan is small, then a short block."""
    budget = SharedBudget(engine, "acme", 100_000, 1.0)
    budget.take()
    budget.learn(429, {"x-ratelimit-total": "50"})

    budget.block(0)

    assert 40 <= taken(budget) <= 50


@pytest.mark.parametrize("header", ["700", "many", "", "-5"])
def test_a_vendor_that_allows_more_or_says_nonsense_changes_nothing(engine: Engine, header: str) -> None:
    budget = SharedBudget(engine, "acme", 40, 0.5)

    budget.learn(200, {"x-rate-limit": header})

    assert taken(budget) == 20


def test_the_smallest_budget_still_allows_a_call(engine: Engine) -> None:
    assert taken(SharedBudget(engine, "acme", 1, 0.1)) == 1


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_waits_grow_are_spread_and_end_at_the_most(failures: int, random_0_1: float) -> None:
    waited = backoff_s(failures, 5.0, 900.0, random_0_1)

    assert 0.5 <= waited <= 900
    assert waited <= backoff_s(failures + 1, 5.0, 900.0, random_0_1)


READ = ("GET", "/api/v2/tickets/0?include=stats")
RUN = (READ, ("PUT", "/api/v2/tickets/0"), ("POST", "/api/v2/tickets/0/notes"))


def credits_of(method: str, target: str) -> int:
    return 3 if "include" in target else 1


def counting(engine: Engine, per_minute: int, limits: tuple[CallLimit, ...] = ()) -> SharedBudget:
    """Of a vendor that counts credits; all of them ours."""
    return SharedBudget(engine, "acme", per_minute, 1.0, limits, cost=credits_of)


def test_a_call_takes_what_it_is_expected_to_cost(engine: Engine) -> None:
    budget = counting(engine, 20)
    for _ in range(3):
        budget.take("GET", "/api/v2/tickets/7?include=stats")

    assert taken(budget) == 11


@pytest.mark.parametrize(("used", "left"), [("1", 19), ("3", 17), ("9.0", 11), ("nonsense", 17), ("", 17)])
def test_what_the_answer_says_it_took_counts(engine: Engine, used: str, left: int) -> None:
    budget = counting(engine, 20)
    budget.take("GET", "/api/v2/tickets/7?include=stats")
    budget.learn(200, {"X-RateLimit-Used-CurrentRequest": used})

    assert taken(budget) == left


def test_a_cost_once_told_is_expected_of_the_next_call_of_its_kind(engine: Engine) -> None:
    budget = counting(engine, 30)
    for number in (7, 8):
        budget.take("GET", f"/api/v2/tickets/{number}?include=stats")
        budget.learn(200, {"X-RateLimit-Used-CurrentRequest": "9"})
    budget.take("GET", "/api/v2/tickets/9?include=stats")  # no answer yet

    assert taken(budget) == 3


def test_what_a_run_needs_is_set_aside_before_its_first_call(engine: Engine) -> None:
    first, second = counting(engine, 10), counting(engine, 10)
    first.hold(RUN)

    assert taken(second) == 5
    first.take(*READ)
    first.take("PUT", "/api/v2/tickets/7")
    first.take("POST", "/api/v2/tickets/7/notes")  # all of it goes, although the minute is used up
    with pytest.raises(RateLimited):
        first.take("GET", "/api/v2/tickets/7")


def test_a_run_that_needs_more_than_is_left_holds_nothing(engine: Engine) -> None:
    budget = counting(engine, 10)
    for _ in range(7):
        budget.take("GET", "/api/v2/tickets/7")

    with pytest.raises(RateLimited) as refused:
        budget.hold(RUN)

    assert 1 <= refused.value.retry_after_s <= 60
    assert taken(budget) == 3


def test_the_pace_of_updates_is_asked_before_the_reads(engine: Engine) -> None:
    budget = counting(engine, 1000, (UPDATE,))
    updates(budget, 20)  # all that may go out at once

    with pytest.raises(RateLimited):
        budget.hold(RUN)
    budget.hold([READ])  # a run that writes nothing need not wait for it
    budget.release()

    assert taken(budget, 980) == 980  # what it held went back


def test_a_run_that_holds_its_update_need_not_ask_again(engine: Engine) -> None:
    first, second = (counting(engine, 1000, (UPDATE,)) for _ in range(2))
    first.hold(RUN)
    assert updates(second) == 19

    first.take("PUT", "/api/v2/tickets/7")
    with pytest.raises(RateLimited):
        first.take("PUT", "/api/v2/tickets/7")


def test_what_a_run_did_not_need_is_for_others(engine: Engine) -> None:
    first, second = (counting(engine, 40, (UPDATE,)) for _ in range(2))
    first.hold(RUN)
    first.take(*READ)
    first.close()

    assert taken(second) == 37


def test_an_update_that_was_not_made_is_given_back_to_the_pace(engine: Engine) -> None:
    budget = counting(engine, 1000, (UPDATE,))
    for _ in range(40):
        budget.hold(RUN)
        budget.release()

    assert updates(budget) == 20


def test_a_run_larger_than_the_whole_share_goes_when_all_of_it_is_there(engine: Engine) -> None:
    budget = counting(engine, 2)
    budget.hold(RUN)
    for method, path in RUN:
        budget.take(method, path)

    with pytest.raises(RateLimited):
        budget.hold(RUN)


def test_half_of_what_others_keep_is_left_in_the_vendors_minute(engine: Engine) -> None:
    """Two of our minutes may fall into one of theirs."""
    budget, other = (SharedBudget(engine, "acme", 200, 0.5, cost=credits_of) for _ in range(2))
    budget.take()
    budget.learn(200, {"X-RateLimit-Total": "200", "X-RateLimit-Remaining": "51"})
    assert taken(other, 3) == 3

    budget.hold(RUN)
    budget.learn(200, {"X-RateLimit-Total": "200", "X-RateLimit-Remaining": "49"})

    budget.take(*READ)  # who holds what it needs goes on
    with pytest.raises(RateLimited) as refused:
        budget.hold(RUN)
    assert 50 < refused.value.retry_after_s <= 60
    other.close()
    with pytest.raises(RateLimited):
        other.take()
