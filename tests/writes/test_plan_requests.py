"""What a helpdesk cannot do is left out of a plan's requests and told."""

from __future__ import annotations

import pytest

from adapters.errors import Unsupported, WriteRejected
from adapters.ticket import Ticket
from adapters.writes import Plan, PlannedWrite, Request, SetAssignee, SetTeam
from bot.writes.plan_requests import requestable
from tests.harness.desk_in_memory import KEY, NOTE, VIP, Desk

pytestmark = pytest.mark.both_storages


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
