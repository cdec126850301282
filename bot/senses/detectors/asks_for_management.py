"""asks_for_management: the customer asks for a manager, a supervisor or an escalation."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.wishes import wish_of
from rules.model.facts import Signal


def detect(ticket: Ticket, text: str) -> Signal:
    """A request; a manager who merely writes to us, or a role that is called so, does not count."""
    found = wish_of(ticket, text, "manager")
    return Signal(value=found.is_there, score=max(found.score, round(1 - found.score, 2)), why=found.why)
