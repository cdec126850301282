"""Webhook bodies that a person's template made, into which the helpdesk puts customers' words as they are: which ticket is meant.

A customer's words never choose the ticket. Every place that may name one counts, and all must name the same; or the body begins
with the template's own `ticket_id`, before which no customer's word can come. Otherwise TicketUnclear: the delivery is kept with
the reason and no run follows; the poll finds the change. Words that break the JSON or the XML cost only what is around them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.errors import PayloadUnexpected, TicketUnclear
from adapters.raw import TWICE, Raw

NAMES = ("ticket_id", "ticketId")  # what a template may call its ticket's id, beside `ticket: {id}` and `id`
_WRAPPER = "freshdesk_webhook"  # around Freshdesk's simple content
_INNER = ("ticket", _WRAPPER)
_LARGEST = 2**63 - 1

# `id` is also what an agent, a company or a message has. These names are of such an object, those of a ticket or its change.
_OF_PEOPLE = {"contact", "role", "active", "available", "ticket_scope"}
_OF_COMPANIES = {"domains", "domain_names", "agent_ids", "health_score"}
_OF_MESSAGES = {"body", "body_text", "incoming"}
_OF_OTHERS = frozenset(_OF_PEOPLE | _OF_COMPANIES | _OF_MESSAGES)
_OF_TICKETS = frozenset({"subject", "status", "priority", "event", "triggered_event"})
_NO_TICKET = "the id of what is no ticket (an agent, a company, a message): a ticket's is called ticket_id"
_UNCLEAR = "the body names more than one ticket: let the template begin with ticket_id, and put no texts into it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """The number of the ticket that the body is about, and its members (of a broken body: what set it off, or "")."""

    ticket_id: str
    members: Raw


def is_own_template(raw: Raw) -> bool:
    """True where an object has a template's own id at its top: nothing that is in it besides makes a vendor's envelope of it."""
    return any(name in raw for name in (*NAMES, *_INNER)) or _has_number(raw)


def _has_number(raw: Raw) -> bool:
    """True where `id` may be a ticket's; a vendor's ids of deliveries are no numbers."""
    return str(raw["id"].value).isdecimal()


def read_object(raw: Raw) -> Template:
    """The ticket that an object names. Raises PayloadUnexpected where it names none, TicketUnclear where that cannot be told."""
    first = next(iter(raw.object().value), "")
    if first in NAMES and raw[first].is_there:
        return Template(ticket_id=ticket_number(raw[first]), members=raw)
    places = [raw[name] for name in NAMES if raw[name].is_there]
    for name in _INNER:
        if not isinstance(raw[name].value, dict):
            continue
        if not places and not _has_number(raw) and name == _WRAPPER:
            return read_object(raw[name])
        places.append(raw[name]["id"])  # where it has none, words may have ended it early: then nothing else counts either
    places = places if any(place.is_there for place in places) else []
    if _has_number(raw) and (not places or raw.value.keys() & _OF_TICKETS):
        if not _is_tickets(raw):
            raise TicketUnclear(raw["id"].path, _NO_TICKET)
        places.append(raw["id"])
    if not places:
        raise raw["ticket_id"].unexpected("a ticket's id")
    return Template(ticket_id=_the_one([ticket_number(place) if place.is_there else "" for place in places]), members=raw)


def _is_tickets(raw: Raw) -> bool:
    names = raw.value.keys()
    return bool(names & _OF_TICKETS) or not (names & _OF_OTHERS or {"name", "created_at"} <= names)


def ticket_number(place: Raw) -> str:
    """A ticket's number as text, without leading noughts. Raises PayloadUnexpected."""
    found = place.whole()
    if not 0 < found <= _LARGEST:
        raise place.unexpected("a ticket's id")
    return str(found)


def _the_one(numbers: list[str]) -> str:
    if len(set(numbers)) != 1:
        raise TicketUnclear("$", _UNCLEAR)
    return numbers[0]


def read_pairs(pairs: list[tuple[str, str]]) -> Template:
    """Names and texts in the order of the body: a form's fields, or the elements of XML. Of two with one name the first counts,
    but for the ticket's id."""
    members: dict[str, str] = {}
    for name, text in pairs:
        members.setdefault(name, text)
    found = read_object(Raw(members))
    if pairs[0][0] not in NAMES:
        _the_one([found.ticket_id, *(ticket_number(Raw(text, f"$.{name}")) for name, text in pairs if name in NAMES and text)])
    return found


# A body that is no JSON: only what a template writes counts, the first member of the object or any whole one. What customers'
# words look like a member is one more, and then they must agree. The end is looked at, not taken: it begins the next one.
_NAME = rb'"(?:ticket_id|ticketId)"\s{0,200}:\s{0,200}"?\s{0,200}([0-9]{1,19})(?=\s{0,200}"?\s{0,200}[,}])'
_FIRST = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*(?:"freshdesk_webhook"\s*:\s*\{\s*)?' + _NAME)
_MEMBER = re.compile(rb"[{,]\s{0,200}" + _NAME.replace(rb"(?:ticket_id|ticketId)", rb"(?:ticket_id|ticketId|id)"))
_TRIGGER = re.compile(rb'"triggered_event"\s{0,20}:\s{0,20}"?(\{[^"\r\n]{0,400})')


def is_broken(body: bytes, error: PayloadUnexpected) -> bool:
    """True where `error` means an object that a customer's words may have made of a sound one: no JSON, or a key twice."""
    is_theirs = error.problem == TWICE or error.problem.startswith("not JSON")
    return is_theirs and body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def rescue_json(body: bytes, error: PayloadUnexpected) -> Template:
    """What can be saved of an object that a customer's quotes or line ends broke, or that names a key twice (`error` says which).
    The template's own id is the first member, or all that look like one agree.

    Raises PayloadUnexpected where no id is to be seen, TicketUnclear where it cannot be told which counts.
    """
    return _rescued(_FIRST.match(body), _MEMBER.findall(body), _TRIGGER.findall(body), error)


_XML_NAME = rb"<(ticket[_-]?id)\b[^<>]{0,200}>\s{0,200}([0-9]{1,19})\s{0,200}</\1\s{0,20}>"
_XML_FIRST = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}\?>\s*)?<\w[^<>]{0,200}>\s*" + _XML_NAME, re.IGNORECASE)
_XML_MEMBER = re.compile(_XML_NAME.replace(rb"(ticket[_-]?id)", rb"(ticket[_-]?id|id)"), re.IGNORECASE)
_XML_TRIGGER = re.compile(rb"<triggered[_-]event\b[^<>]{0,200}>([^<]{0,400})</triggered[_-]event\s*>", re.IGNORECASE)


def rescue_xml(body: bytes, error: PayloadUnexpected) -> Template:
    """The same for XML that an `&` or a `<` broke."""
    members = [number for _, number in _XML_MEMBER.findall(body)]
    return _rescued(_XML_FIRST.match(body), members, _XML_TRIGGER.findall(body), error)


def _rescued(first: re.Match[bytes] | None, members: list[bytes], triggers: list[bytes], error: PayloadUnexpected) -> Template:
    numbers = [first[first.lastindex or 1]] if first else members
    if not numbers:
        raise PayloadUnexpected("$.ticket_id", f"the body is broken ({error.problem}), and no ticket id can be read from it")
    ticket_id = _the_one([ticket_number(Raw(number.decode("ascii"), "$.ticket_id")) for number in numbers])
    trigger = triggers[0].decode("utf-8", "replace").strip() if len(triggers) == 1 else ""
    return Template(ticket_id=ticket_id, members=Raw({"triggered_event": trigger}))
