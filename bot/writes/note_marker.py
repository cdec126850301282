"""The marker in a note of ours: an HMAC that nobody can forge. It names the request, and the newest message its run had read."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from itertools import count

from adapters.ticket import Message, Ticket, TicketKey
from bot.drafts.note import marker_in


def place_of(helpdesk: str, ticket: TicketKey) -> str:
    """The ticket, by the helpdesk that it is in (`Helpdesk.identity`) and not by what the account is called here: a name may
    change. Notes of earlier versions name the account."""
    return f"{helpdesk}/{ticket.kind}/{ticket.external_id}"


def marker(key: str, request: str, ticket: str, newest: str = "") -> str:
    """The short id in a note's header, of HMACs so that nobody can forge one: three base32 characters of the request's id, two of
    the `newest` message that its run had read (`last_read`), and three by which this installation knows the note again on this
    ticket, even where its database does not (`is_marker`)."""
    about = _base32(key, request)[:3]
    own = about + _of_message(key, about, ticket, newest)
    return own + _base32(key, f"{ticket} {own}")[:3]


def new_marker(key: str, request: str, ticket: Ticket, helpdesk: str) -> str:
    """The marker of a note on this ticket as it was read, unlike those of the notes that are there. `helpdesk`: its identity."""
    newest = ticket.messages[-1].external_id if ticket.messages else ""
    taken = {marker_in(each.body_text) for each in ticket.messages if each.is_ours}
    place = place_of(helpdesk, ticket.key)
    tries = (marker(key, f"{request}{number or ''}", place, newest) for number in count())
    return next(each for each in tries if each not in taken)


def is_marker(key: str, found: str, ticket: str) -> bool:
    """Whether `marker` made this one, with this key and for a request on this ticket."""
    return len(found) == 8 and hmac.compare_digest(found[5:], _base32(key, f"{ticket} {found[:5]}")[:3])


def last_read(key: str, found: str, ticket: str, messages: Sequence[Message]) -> int | None:
    """The place among the messages of the newest one that this marker's run had read, or None where it is not among them. Of
    a thousand other messages one is taken for it."""
    places = reversed(range(len(messages)))
    return next((at for at in places if _of_message(key, found[:3], ticket, messages[at].external_id) == found[3:5]), None)


def _of_message(key: str, about: str, ticket: str, message: str) -> str:
    return _base32(key, f"{ticket} {about} {message}")[:2]


def _base32(key: str, about: str) -> str:
    return base64.b32encode(hmac.new(key.encode(), about.encode(), hashlib.sha256).digest()).decode("ascii")
