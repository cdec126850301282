"""Freshdesk's way in: the "Trigger Webhook" action of an automation rule.

Nothing in it is signed. The proof is a static secret in a custom header (`webhook.header` of the account), or as the
password of HTTP Basic. There is no timestamp either, so there is no replay window: a repeat is recognised by its body, and
because no word of a body is believed, a replayed or forged one can at most make us read a ticket once more.

The template to type in at "Content: Advanced, Encoding: JSON" (docs/providers/freshdesk.md shows where). The id stands first, so
that it can be read even where a customer's quotes break the rest:

    {"ticket_id": "{{ticket.id}}", "triggered_event": "{{triggered_event}}", "updated_at": "{{ticket.modified_date}}"}

Simple content (tick boxes), form-encoded and XML bodies are read too, and the product events that a Freshworks app forwards.
https://support.freshdesk.com/support/solutions/articles/132589
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl
from xml.parsers import expat

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.freshdesk.triggered import read_trigger
from adapters.helpdesk import Headers, WebhookReader, WebhookSecurity
from adapters.raw import Raw, read_json
from adapters.ticket import Event, EventType, Provider, TicketKey, TicketKind

# An automation's author chooses between JSON, XML and a form; templates without a choice come as text, or without a type.
BODY_TYPES = frozenset(
    {"application/json", "application/x-www-form-urlencoded", "application/xml", "text/xml", "text/plain", "text/html", ""}
)


def verify(headers: Headers, body: bytes, security: WebhookSecurity, now: datetime) -> None:
    """Pass if the secret came along, in the custom header or as the Basic password. Raises SignatureInvalid.

    `body` and `now` prove nothing here: Freshdesk signs nothing and sends no time.
    """
    offered = [each for each in (headers.get(security.header.lower()), _basic_password(headers)) if each]
    if not offered:
        raise SignatureInvalid("missing")
    secrets = [secret for secret in security.secrets if secret]
    matches = [_same(secret, each) for secret in secrets for each in offered]  # all of them, whatever the first says
    if not any(matches):
        is_repeated = any("," in (headers.get(name) or "") for name in (security.header.lower(), "authorization"))
        raise SignatureInvalid("repeated" if is_repeated else "mismatch")


def _same(secret: str, offered: str) -> bool:
    return hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), offered.encode("utf-8", "surrogatepass"))


def _basic_password(headers: Headers) -> str:
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.casefold() != "basic":
        return ""
    try:
        login = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return login.partition(":")[2]


def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
    """The one event of a delivery. The key is a hash of the body, so an equal body may still be a new change.

    Raises PayloadUnexpected where no ticket id can be read.
    """
    raw = _read(headers.get("content-type", ""), body)
    if raw["data"].is_there and raw["event"].is_there:
        return [_app_event(raw, body, account_name)]
    inside = raw["freshdesk_webhook"] if raw["freshdesk_webhook"].is_there else raw
    trigger = read_trigger(_words(inside["triggered_event"]) or _words(inside["event"]))
    return [
        Event(
            provider=Provider.FRESHDESK,
            type=trigger.type,
            ticket=_ticket(_id_place(inside), account_name),
            delivery_key=_key(body),
            has_delivery_id=False,
            occurred_at=_time(inside["updated_at"]),
            changes=trigger.changes,
            kind_raw=trigger.kind_raw,
            raw=raw.value,
        )
    ]


def _key(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _ticket(place: Raw, account_name: str) -> TicketKey:
    ticket_id = place.whole()
    if not 0 < ticket_id < 2**63:
        raise place.unexpected("a ticket id")
    return TicketKey(account_name, TicketKind.TICKET, str(ticket_id))


def _id_place(inside: Raw) -> Raw:
    """Where the id stands: `ticket_id`, or what an own template may call it."""
    others = (inside["ticket"]["id"], inside["id"])
    return next((place for place in (inside["ticket_id"], *others) if place.is_there), inside["ticket_id"])


def _words(raw: Raw) -> str:
    """triggered_event as text; a real object in its place is put into the same words."""
    if isinstance(raw.value, dict):
        return re.sub(r"[\[\]]", "", str(raw.value))
    return raw.value if isinstance(raw.value, str) else ""


def _time(raw: Raw) -> datetime | None:
    """A placeholder's time may be in any form that the account shows; one that does not read is as good as absent."""
    try:
        return raw.time(default=None)
    except PayloadUnexpected:
        return None


_NOT_JSON = "not JSON"


def _read(content_type: str, body: bytes) -> Raw:
    start = body.lstrip()[:1]
    if "form-urlencoded" in content_type.casefold():
        return _read_form(body)
    if start == b"<":
        return _read_xml(body)
    try:
        return read_json(body).object()
    except PayloadUnexpected as error:
        if start != b"{" or not error.problem.startswith(_NOT_JSON):
            raise
        return _rescue(body, error)


_BROKEN_ID = re.compile(rb'"ticket_id"\s{0,20}:\s{0,20}"?\s{0,20}(\d{1,19})(?!\d)')
_BROKEN_TRIGGER = re.compile(rb'"triggered_event"\s{0,20}:\s{0,20}"?(\{[^"\r\n]{0,400})')


def _rescue(body: bytes, error: PayloadUnexpected) -> Raw:
    """What can be saved of a template that a customer's quotes or line ends broke: the first id, and what set it off."""
    ticket_id = _BROKEN_ID.search(body)
    if ticket_id is None:
        raise PayloadUnexpected("$.ticket_id", f"the body is {error.problem}, and no ticket id can be read from it") from error
    trigger = _BROKEN_TRIGGER.search(body)
    return Raw(
        {
            "ticket_id": ticket_id[1].decode("ascii"),
            "triggered_event": trigger[1].decode("utf-8", "replace") if trigger else "",
        }
    )


def _read_form(body: bytes) -> Raw:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise PayloadUnexpected("$", "wanted a form in UTF-8 of up to 200 fields, found other bytes") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        name = name.removeprefix("freshdesk_webhook[").removesuffix("]")
        if name in found:
            raise PayloadUnexpected("$", "a form names the same field twice")
        found[name] = value
    return Raw(found)


def _read_xml(body: bytes) -> Raw:
    """The elements of an XML body, flat, by name. A document type is refused: that is where XML's traps are."""
    found: dict[str, str] = {}
    path: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        path.append(name.replace("-", "_"))
        if len(path) > 8:
            raise PayloadUnexpected("$", "XML nested deeper than 8")

    def text(words: str) -> None:
        found[path[-1]] = found.get(path[-1], "") + words

    def refuse(*_: object) -> None:
        raise PayloadUnexpected("$", "XML with a document type is refused")

    reader = expat.ParserCreate("utf-8")
    reader.buffer_text = True
    reader.StartElementHandler = start
    reader.EndElementHandler = lambda name: path.pop()
    reader.CharacterDataHandler = text
    reader.StartDoctypeDeclHandler = refuse
    reader.EntityDeclHandler = refuse
    try:
        reader.Parse(body, True)
    except (expat.ExpatError, ValueError):
        raise PayloadUnexpected("$", "not XML") from None
    return Raw({name: words.strip() for name, words in found.items()})


# Product events that an app of the Freshworks platform may forward; they name their actor.
# https://developers.freshworks.com/docs/app-sdk/v3.0/support_ticket/serverless-apps/product-events/
_APP_EVENT = {
    "onticketcreate": EventType.TICKET_CREATED,
    "onticketupdate": EventType.TICKET_UPDATED,
    "onticketdelete": EventType.TICKET_DELETED,
}


def _app_event(raw: Raw, body: bytes, account_name: str) -> Event:
    data = raw["data"]
    conversation = data["conversation"]
    place = conversation["ticket_id"] if conversation.is_there else data["ticket"]["id"]
    name = raw["event"].text()
    kind = (
        _conversation_kind(conversation) if conversation.is_there else _APP_EVENT.get(name.casefold(), EventType.TICKET_UPDATED)
    )
    return Event(
        provider=Provider.FRESHDESK,
        type=kind,
        ticket=_ticket(place, account_name),
        delivery_key=_key(body),
        has_delivery_id=False,
        actor=data["actor"]["id"].identifier(default=None),
        occurred_at=_milliseconds(raw["timestamp"]),
        kind_raw=name[:200],
        raw=raw.value,
    )


def _conversation_kind(conversation: Raw) -> EventType:
    if conversation["private"].flag(default=False):
        return EventType.NOTE_CREATED
    return EventType.CUSTOMER_REPLIED if conversation["incoming"].flag(default=False) else EventType.AGENT_REPLIED


def _milliseconds(raw: Raw) -> datetime | None:
    try:
        return datetime.fromtimestamp(raw.number(default=0.0) / 1000, UTC) if raw.is_there else None
    except (PayloadUnexpected, OverflowError, OSError, ValueError):
        return None


READER = WebhookReader(
    provider=Provider.FRESHDESK,
    stamp_grain_s=0.0,  # no conditional writes here
    verify=verify,
    parse=parse,
    content_types=BODY_TYPES,
)
