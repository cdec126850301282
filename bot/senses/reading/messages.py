"""Readings of a ticket's messages, with all that the ticket says of them."""

from __future__ import annotations

from adapters.ticket import Channel, Message, Ticket
from bot.senses.learned.choosing import MAX_LETTERS, within
from bot.senses.reading.folding import spread
from bot.senses.reading.parts import Context, Reading
from bot.senses.reading.reader import read
from rules.model.facts import OwnWords

MAX_REPLIES = 8  # of agents, the newest: what a quote is compared with
MAX_REPLY = 4_000
MAX_SUBJECT = 1_000
# A chat or a form brings no quotes; an e-mail and an unknown channel may.
_UNQUOTED = frozenset({Channel.CHAT, Channel.IN_APP, Channel.SMS, Channel.WHATSAPP, Channel.PHONE})


def visible_text(ticket: Ticket) -> str:
    """The customer's own newest words, without logs and code; with the subject before them where they are the first."""
    said = within(spread(read_newest(ticket).spoken, MAX_LETTERS))
    subject = spread(ticket.subject, MAX_SUBJECT)[:MAX_SUBJECT]
    return f"{subject}\n\n{said}".strip() if len(ticket.customer_messages) <= 1 else said


def read_newest(ticket: Ticket) -> Reading:
    """The newest customer message, or the description where no message is known."""
    newest = ticket.last_customer_message
    if newest is None:
        return read(ticket.description, _context(ticket, None))
    return read(newest.body_text, _context(ticket, newest), newest.body_html)


def read_first(ticket: Ticket) -> Reading:
    """The first message: the description, or the first customer message where the helpdesk has none of its own."""
    first = ticket.customer_messages[0] if ticket.customer_messages else None
    if first is None or (ticket.description and first.body_text.strip() != ticket.description.strip()):
        return read(ticket.description, _context(ticket, None))
    return read(first.body_text, _context(ticket, first), first.body_html)


def own_words_of(ticket: Ticket) -> OwnWords:
    """What rules see of the first and the newest message in place of the bodies. A body that is all own words is not repeated."""
    newest, first = read_newest(ticket), read_first(ticket)
    return OwnWords(
        first=_unless_all(first),
        newest=_unless_all(newest),
        quoted=newest.quoted,
    )


def _unless_all(reading: Reading) -> str | None:
    return None if reading.own.split() == reading.whole.split() else reading.own


def _context(ticket: Ticket, message: Message | None) -> Context:
    before = ticket.messages[: _place(ticket, message)]
    replies = [each.body_text[:MAX_REPLY] for each in before if each.is_agent_reply and each.body_text][-MAX_REPLIES:]
    return Context(
        is_first=not any(each.is_from_customer or each.is_agent_reply for each in before),
        subject=ticket.subject,
        author=(message.author_name if message else "") or (ticket.requester.name if ticket.requester else ""),
        earlier=tuple(replies),
        is_chat=ticket.channel in _UNQUOTED,
    )


def _place(ticket: Ticket, message: Message | None) -> int:
    return next((place for place, each in enumerate(ticket.messages) if each is message), 0) if message else 0
