"""When no draft is made at all, before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

from adapters.ticket import AuthorKind, Direction, Message, MessageKind, Status, Ticket
from rules.model.facts import Signal

SURE = 0.6


def never_draft(ticket: Ticket, signals: Mapping[str, Signal]) -> str | None:
    """Why this ticket gets no draft, in words for the trace, or None."""
    if ticket.is_deleted or ticket.merged_into:
        return "the ticket is deleted or merged"
    if ticket.status in {Status.CLOSED, Status.SOLVED} or not ticket.is_writable:
        return "the ticket is closed"
    if _holds(signals, "is_spam") or ticket.is_spam:
        return "it reads like spam"
    return _conversation(ticket, signals)


def _conversation(ticket: Ticket, signals: Mapping[str, Signal]) -> str | None:
    public = [message for message in ticket.messages if message.is_public and message.kind is MessageKind.MESSAGE]
    if public and public[0].direction is Direction.OUT and not public[0].is_auto_generated:
        return "an agent started this conversation"
    newest = ticket.last_customer_message
    if (newest and newest.is_auto_generated) or _holds(signals, "is_auto_reply"):
        return "the newest message was sent by a machine"
    if newest is None and not (ticket.description or ticket.subject):
        return "there is no message of a customer"
    if newest and any(map(_answers, _after_newest(public))):
        return "somebody has already replied"
    return None


def _after_newest(public: list[Message]) -> Iterator[Message]:
    """The messages after the customer's newest one, from the end."""
    return takewhile(lambda message: not message.is_from_customer, reversed(public))


def _answers(message: Message) -> bool:
    """A reply by a person of the team, or by us after a person's word; acknowledgements of a machine do not count."""
    by_team = message.author_kind is AuthorKind.AGENT or message.is_ours
    return message.direction is Direction.OUT and by_team and not message.is_auto_generated


def _holds(signals: Mapping[str, Signal], name: str) -> bool:
    signal = signals.get(name)
    return bool(signal and signal.value is True and signal.score >= SURE)
