"""A worker that lost its ticket, and an account that was put into shadow: nothing is sent."""

from __future__ import annotations

import pytest

from adapters.ticket import Priority
from bot.store.tickets import LeaseLost
from bot.writes import ledger
from tests.harness.bench_in_memory import Bench, Killed
from tests.harness.desk_in_memory import NOTE, URGENT, VIP

pytestmark = pytest.mark.both_storages

# leases and shadow


def test_a_worker_that_lost_its_lease_sends_nothing(each: Bench) -> None:
    each.store(URGENT, NOTE)
    lease = each.claim()
    each.pass_time(20)
    each.claim()

    with pytest.raises(LeaseLost):
        ledger.carry_out(each.work(lease))

    assert each.desk.applied == []


def test_a_worker_that_slept_in_the_middle_of_a_call_records_nothing_more(bench: Bench) -> None:
    bench.store(NOTE)
    work = bench.work()
    bench.desk.after_send = lambda: bench.pass_time(20)

    with pytest.raises(LeaseLost):
        ledger.carry_out(work)

    assert bench.states() == ["sent"]
    assert bench.to_the_end() == [NOTE]
    assert len(bench.desk.notes()) == 1


def test_a_worker_that_slept_while_it_read_again_makes_nothing_anew(bench: Bench) -> None:
    bench.store(VIP)
    work = bench.work()
    bench.pass_time(1)
    bench.desk.edit(priority=Priority.LOW)
    bench.desk.before = lambda verb: bench.pass_time(20)

    with pytest.raises(LeaseLost):
        ledger.carry_out(work)

    assert bench.states() == ["intended"]


def put_into_shadow(bench: Bench) -> None:
    account = bench.parts.settings.accounts[0].model_copy(update={"mode": "shadow"})
    settings = bench.parts.config.settings.model_copy(update={"accounts": (account,)})
    object.__setattr__(bench.parts.config, "settings", settings)


def test_shadow_mode_holds_for_a_plan_that_was_stored_before(each: Bench) -> None:
    each.store(URGENT, NOTE)
    put_into_shadow(each)

    assert each.carry_out() == []
    assert each.desk.calls == []
    assert {(stored.state, stored.reason) for stored in each.requests()} == {
        ("failed", "not written: the account is in shadow mode")
    }


@pytest.mark.parametrize(("fault", "landed"), [("answer_lost", True), ("lost", False)])
def test_in_shadow_mode_an_unknown_write_is_looked_for_and_not_sent_again(each: Bench, fault: str, landed: bool) -> None:
    each.store(NOTE)
    each.desk.faults.append(fault)
    each.die_at = {"response_received": 1}
    with pytest.raises(Killed):
        each.carry_out()
    put_into_shadow(each)

    assert bool(each.carry_out()) is landed
    assert each.desk.calls.count("send") == 1
    assert each.states() == ["confirmed" if landed else "failed"]
    if landed:
        assert each.requests()[0].external_id == each.desk.notes()[0]
