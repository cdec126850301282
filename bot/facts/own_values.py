"""Which values on a ticket are our own last word: what Deskhand set and nobody has changed since."""

from __future__ import annotations

from adapters.codec import to_json
from adapters.ticket import Json, Ticket
from bot.store.tickets import Memory


def value_of(ticket: Ticket, name: str) -> Json:
    """What the ticket has there: teams by name, agents by e-mail address."""
    if name == "team":
        return ticket.team.name if ticket.team else None
    if name == "assignee":
        return (ticket.assignee.email or ticket.assignee.external_id) if ticket.assignee else None
    if name.startswith("field."):
        shown: Json = to_json(ticket.custom.get(name.removeprefix("field.")))
        return shown
    return str(getattr(ticket, name))


def is_same(wanted: Json, found: Json, ticket: Ticket, name: str) -> bool:
    """Equal, whichever of its names a team or an agent goes by."""
    known: set[str] = set()
    if name == "team" and ticket.team:
        known = {ticket.team.name, ticket.team.external_id}
    if name == "assignee" and ticket.assignee:
        known = {ticket.assignee.name, ticket.assignee.email, ticket.assignee.external_id}
    return wanted == found or (isinstance(wanted, str) and wanted.casefold() in {each.casefold() for each in known if each})


def own_values(memory: Memory, ticket: Ticket) -> frozenset[str]:
    """What stands on the ticket as our own last word, by the names of `Facts.ours`."""
    fields = (name for name, value in memory.set_by_us.items() if is_same(value, value_of(ticket, name), ticket, name))
    tags = (memory.tags_put & ticket.tags) | (memory.tags_taken - ticket.tags)
    return frozenset(name.replace("field.", "field:", 1) for name in fields) | {f"tag:{tag}" for tag in tags}
