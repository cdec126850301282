"""What writes leave behind: the ticket as the next read shows it, the tags that carry them, what was not applied after all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.helpdesk import Adapter, Helpdesk
from adapters.ticket import Ticket
from adapters.writes import AddTags, Plan, Support, Write
from bot.store.runs import StoredRequest
from bot.writes import planner


def as_left(helpdesk: Helpdesk, ticket: Ticket, writes: Sequence[Write]) -> Ticket:
    """The ticket as a read shows it after these writes."""
    shown = [write for write in writes if helpdesk.adapter.capabilities[write.kind].is_read_back]
    shown += carriers(helpdesk, writes)
    return planner.with_people(planner.after(ticket, shown), shown, helpdesk.teams, helpdesk.agents)


def is_shown(adapter: Adapter, write: Write) -> bool:
    """False for what becomes a request to people in the note itself: no field of the ticket shows it."""
    how = adapter.capabilities[write.kind]
    return how.support is Support.YES or how.is_read_back


def carriers(helpdesk: Helpdesk, writes: Iterable[Write]) -> list[Write]:
    """What these writes put on beside what they name: the tags by which a helpdesk carries what it has no field for."""
    tags = frozenset(tag for write in writes for tag in helpdesk.carrier_tags(write))
    return [AddTags(tags=tags)] if tags else []


def not_applied(plan: Plan, outcome: Sequence[StoredRequest]) -> list[str]:
    """What the helpdesk's own answers show as not changed although it said yes, in words."""
    lost = sorted({place for each in outcome if each.state == "confirmed" for place in each.not_applied})
    return [f"not applied: {planner.in_words(plan.writes[place].write)}" for place in lost]
