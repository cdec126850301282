"""Carrying out a stored plan, against a helpdesk in memory: the straight way, and what cannot be asked for."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from adapters.errors import AccessDenied, HelpdeskDown, RateLimited, TicketGone, Unsupported, WriteRejected
from adapters.ticket import Priority, Ticket
from adapters.writes import Plan, PlannedWrite, Request, SetAssignee, SetTeam
from bot.store.database.schema import due
from bot.writes.plan_requests import requestable
from tests.harness.bench_in_memory import Bench, Killed
from tests.harness.desk_in_memory import KEY, NOTE, START, URGENT, VIP, Desk

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


# what cannot be asked for


class Picky(Desk):
    """Refuses a team and an agent when it is asked to make requests of them, as adapters do."""

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        for planned in plan.writes:
            if isinstance(planned.write, SetTeam):
                raise WriteRejected("no such team")
            if isinstance(planned.write, SetAssignee):
                raise Unsupported("agents cannot be set here")
        return super().to_requests(plan, ticket)


def test_what_cannot_be_asked_for_is_left_out_and_told() -> None:
    writes = (SetTeam(team="Nobody"), VIP, SetAssignee(agent="x"), NOTE)
    plan = Plan(ticket=KEY, writes=tuple(PlannedWrite(write=write) for write in writes))
    desk = Picky()
    refused: dict[int, str] = {}

    made = requestable(desk.helpdesk(), plan, desk.ticket, refused.__setitem__)

    assert refused == {0: "no such team", 2: "agents cannot be set here"}
    assert [(each.number, each.writes) for each in made] == [(1, (1,)), (2, (3,))]


def test_where_all_can_be_asked_for_nothing_is_told() -> None:
    plan = Plan(ticket=KEY, writes=(PlannedWrite(write=VIP), PlannedWrite(write=NOTE)))
    desk = Desk()

    made = requestable(desk.helpdesk(), plan, desk.ticket, lambda place, why: pytest.fail(why))

    assert [(each.number, each.writes) for each in made] == [(0, (0,)), (1, (1,))]
