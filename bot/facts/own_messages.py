"""Which messages are ours: those of our own user, and those that our ledger knows, whoever the helpdesk shows as their author."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from adapters.ticket import AuthorKind, Ticket


def with_own(ticket: Ticket, written: Callable[[], Collection[str]]) -> Ticket:
    """The ticket with every message of ours marked so. `written`: the ids that the ledger knows, asked for only where an agent
    wrote something. A reply that an agent accepted is written in their name: it stays an agent's answer, and is no news to us."""
    if not any(message.author_kind is AuthorKind.AGENT and not message.is_ours for message in ticket.messages):
        return ticket
    ids = written()
    if not ids:
        return ticket
    return replace(
        ticket,
        messages=tuple(
            replace(message, is_ours=True) if message.external_id in ids and not message.is_ours else message
            for message in ticket.messages
        ),
    )
