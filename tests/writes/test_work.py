"""What a worker holds of a run being carried out, and how its requests change under the lease."""

from __future__ import annotations

import pytest

from adapters.ticket import Priority
from bot.store.tickets import LeaseLost
from bot.writes.work import confirm, mark, recording, requests_of
from tests.harness.bench_in_memory import Bench
from tests.harness.desk_in_memory import NOTE, URGENT, VIP


def test_requests_are_read_once_until_one_of_them_changes(bench: Bench) -> None:
    bench.store(NOTE)
    work = bench.work()
    known = requests_of(work)

    assert requests_of(work) is known
    mark(work, known[0], "failed", reason="no")
    assert [(each.state, each.reason) for each in requests_of(work)] == [("failed", "no")]


def test_what_is_confirmed_stands_in_the_base_of_what_comes_after(bench: Bench) -> None:
    bench.store(URGENT, VIP)
    work, [request] = bench.work(), bench.requests()

    confirm(work, request, "", (1,))

    assert (work.base.priority, work.base.tags) == (Priority.URGENT, frozenset())
    assert bench.requests()[0].not_applied == (1,)


def test_nothing_is_recorded_without_the_lease(bench: Bench) -> None:
    bench.store(NOTE)
    work = bench.work()
    bench.pass_time(60)
    bench.claim()

    with pytest.raises(LeaseLost), recording(work):
        pytest.fail("the transaction has begun")


def test_an_account_is_live_as_its_settings_say(bench: Bench) -> None:
    bench.store(NOTE)

    assert bench.work().is_live
