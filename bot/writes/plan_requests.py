"""A plan as its helpdesk's requests, without what the helpdesk cannot do; and the places of a part of a plan in the whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from adapters.errors import Unsupported, WriteRejected
from adapters.helpdesk import Helpdesk
from adapters.ticket import Ticket
from adapters.writes import Plan, Request


def requestable(helpdesk: Helpdesk, plan: Plan, ticket: Ticket, refused: Callable[[int, str], None]) -> list[Request]:
    """The plan's vendor requests; a write that the adapter refuses outright (a team that does not exist) is left out and
    told to `refused` with its position, and the others still go."""
    try:
        return helpdesk.to_requests(plan, ticket)
    except (WriteRejected, Unsupported):
        places: dict[int, int] = {}
        for place, planned in enumerate(plan.writes):
            try:
                helpdesk.to_requests(replace(plan, writes=(planned,)), ticket)
            except (WriteRejected, Unsupported) as error:
                refused(place, str(error))
            else:
                places[len(places)] = place
    left = replace(plan, writes=tuple(plan.writes[place] for place in places.values()))
    return renumbered(helpdesk.to_requests(left, ticket), places, 1)


def renumbered(made: Sequence[Request], places: dict[int, int], first: int) -> list[Request]:
    """Requests on a part of the plan, with the positions of the whole plan and the next free numbers."""
    return [
        replace(request, number=first + place, writes=tuple(places[each] for each in request.writes))
        for place, request in enumerate(made)
    ]
