"""Carrying out a stored plan, against a helpdesk in memory: the straight way, lost leases and shadow mode."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from adapters.errors import AccessDenied, HelpdeskDown, RateLimited, TicketGone
from adapters.ticket import Priority
from bot.store.database.schema import due
from bot.store.tickets import LeaseLost
from bot.writes import ledger
from tests.harness.bench_in_memory import Bench, Killed
from tests.harness.desk_in_memory import NOTE, START, URGENT, VIP

pytestmark = pytest.mark.both_storages


def times_to_come(bench: Bench) -> list[float]:
    with bench.engine.begin() as connection:
        return sorted((at - bench.desk.now).total_seconds() for at in connection.execute(select(due.c.at)).scalars())


# the straight way


def test_everything_lands_once_and_is_reported_in_the_plans_order(each: Bench) -> None:
    each.store(URGENT, NOTE, VIP)

    assert each.carry_out() == ([URGENT, NOTE, VIP] if each.desk.is_conditional else [URGENT, VIP, NOTE])
    assert (each.desk.ticket.priority, each.desk.ticket.tags) == (Priority.URGENT, frozenset({"vip"}))
    assert [stored.external_id for stored in each.requests() if stored.request.marker] == each.desk.notes()
    assert {stored.state for stored in each.requests()} == {"confirmed"}
    assert [stored.attempts for stored in each.requests()] == [1] * len(each.requests())


def test_a_plan_that_was_carried_out_is_not_sent_again(each: Bench) -> None:
    each.store(URGENT, NOTE)
    each.carry_out()
    sent = len(each.desk.applied)

    assert set(each.carry_out()) == {URGENT, NOTE}
    assert len(each.desk.applied) == sent


def test_each_request_passes_its_three_places(bench: Bench) -> None:
    bench.store(NOTE)
    bench.carry_out()

    assert bench.reached == ["intent_stored", "request_sent", "response_received", "confirmed"]


def test_an_intent_is_committed_before_its_first_byte_leaves(bench: Bench) -> None:
    bench.store(NOTE)
    bench.die_at = {"intent_stored": 1}

    with pytest.raises(Killed):
        bench.carry_out()

    assert bench.desk.applied == []
    assert [(stored.state, stored.attempts, stored.sent_at) for stored in bench.requests()] == [("sent", 1, START)]


def test_what_a_vendor_refuses_costs_only_itself(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.desk.faults.append("rejected")

    assert bench.carry_out() == [NOTE]
    assert [(stored.state, stored.reason) for stored in bench.requests()] == [
        ("failed", "the vendor refused it"),
        ("confirmed", ""),
    ]


def test_what_was_silently_not_applied_is_not_reported_as_written(bench: Bench) -> None:
    bench.store(URGENT, NOTE)
    bench.desk.faults.append("not_applied")

    assert bench.carry_out() == [NOTE]
    assert bench.requests()[0].not_applied == (0,)


@pytest.mark.parametrize(("fault", "error"), [("limited", RateLimited), ("down", HelpdeskDown), ("denied", AccessDenied)])
def test_what_was_certainly_not_sent_counts_as_no_try(bench: Bench, fault: str, error: type[Exception]) -> None:
    bench.store(NOTE)
    bench.desk.faults.append(fault)

    with pytest.raises(error):
        bench.carry_out()

    assert [(stored.state, stored.attempts, stored.sent_at) for stored in bench.requests()] == [("intended", 0, None)]
    assert bench.carry_out() == [NOTE]
    assert times_to_come(bench) == []


def test_a_ticket_that_is_gone_ends_it(bench: Bench) -> None:
    bench.store(NOTE)
    bench.desk.faults.append("gone")

    with pytest.raises(TicketGone):
        bench.carry_out()

    assert [(stored.state, stored.reason) for stored in bench.requests()] == [("failed", "gone")]


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
