"""What a wish would change on the ticket as it stands, and whether that turns back what we ourselves did there.

A rule that sets what stands already does nothing. One that sets what a customer or an agent left otherwise does its work. Only
where our own last word stands there and a rule wants another one do we go round with ourselves: a turn (rules/engine/decide.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.ticket import Agent, Team, Ticket
from rules.engine.combine import stepped
from rules.model.effects import (
    WantAssignee,
    WantField,
    WantPriority,
    WantPriorityAtLeast,
    WantPrioritySteps,
    WantStatus,
    WantTags,
    WantTeam,
    Wish,
)


def is_turn(wishes: Iterable[Wish], ticket: Ticket, ours: frozenset[str]) -> bool:
    """Whether one of the wishes changes what is there as our own last word (`Facts.ours`)."""
    return any(touched(wish, ticket) & ours for wish in wishes)


def touched(wish: Wish, ticket: Ticket) -> frozenset[str]:
    """The names, as in `Decision.by`, of what would be another than it is. Empty for what is only ever added or told."""
    match wish:
        case WantPriority(to):
            return _named("priority", to is not ticket.priority)
        case WantPriorityAtLeast(to):
            return _named("priority", to.rank > ticket.priority.rank)
        case WantPrioritySteps(by, up_to):
            return _named("priority", stepped(ticket.priority, by, up_to) is not ticket.priority)
        case WantTags(add, remove):
            return frozenset(f"tag:{tag}" for tag in (add - ticket.tags) | (remove & ticket.tags))
        case WantTeam(team):
            return _named("team", team.casefold() not in _names(ticket.team))
        case WantAssignee(agent):
            return _named("assignee", agent.casefold() not in _names(ticket.assignee))
        case WantStatus(status):
            return _named("status", status is not ticket.status)
        case WantField(slug, value):
            return _named(f"field:{slug}", ticket.custom.get(slug) != value)
    return frozenset()


def _named(name: str, is_changed: bool) -> frozenset[str]:
    return frozenset((name,)) if is_changed else frozenset()


def _names(whom: Agent | Team | None) -> frozenset[str]:
    if whom is None:
        return frozenset()
    names = (whom.name, whom.external_id, whom.email if isinstance(whom, Agent) else "")
    return frozenset(name.casefold() for name in names if name)
