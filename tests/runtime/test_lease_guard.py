"""Right before the first byte of a write: is the ticket still ours, and is what we know of it still fresh?"""

from __future__ import annotations

import time

import pytest

from adapters.errors import Outdated
from bot.runtime.lease_guard import LeaseGuard, moment
from bot.store.tickets import Lease, LeaseLost
from tests.harness.desk_in_memory import KEY

pytestmark = pytest.mark.both_storages

LEASE = Lease(key=KEY, owner="worker-1", token=1, covers_seq=1, crashes=0, failures=0)


def held(for_s: float = 60.0) -> LeaseGuard:
    return LeaseGuard(LEASE, moment(), for_s)


def test_a_lease_that_is_over_allows_no_write() -> None:
    with pytest.raises(LeaseLost):
        held(for_s=-1.0).require()


def test_a_renewed_lease_allows_it_again() -> None:
    over = held(for_s=-1.0)
    over.renewed(moment(), 60.0)
    over.require()


def test_what_was_read_too_long_ago_is_read_again_first() -> None:
    kept = held()
    kept.rest_on_read(-0.1)
    with pytest.raises(Outdated):
        kept.require()


@pytest.mark.parametrize("for_s", [5.0, None])
def test_a_fresh_read_or_a_write_that_the_helpdesk_checks_may_leave(for_s: float | None) -> None:
    kept = held()
    kept.rest_on_read(for_s)
    kept.require()


def test_of_several_calls_for_one_request_only_the_first_is_asked() -> None:
    kept = held()
    kept.rest_on_read(0.2)
    kept.require()
    time.sleep(0.25)
    kept.require()
