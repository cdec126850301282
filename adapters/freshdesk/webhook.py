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
from adapters.template_body import (
    Template,
    is_broken,
    is_own_template,
    read_object,
    read_pairs,
    rescue_json,
    rescue_xml,
    ticket_number,
)
from adapters.ticket import Changes, Event, EventType, Provider, TicketKey, TicketKind

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

    Raises PayloadUnexpected where no ticket id can be read, TicketUnclear where it cannot be told which one counts.
    """
    found = _read(headers.get("content-type", ""), body)
    if isinstance(found, Raw):
        return [_app_event(found, body, account_name)]
    members = found.members
    trigger = read_trigger(_words(members["triggered_event"]) or _words(members["event"]))
    return [
        Event(
            provider=Provider.FRESHDESK,
            type=trigger.type,
            ticket=TicketKey(account_name, TicketKind.TICKET, found.ticket_id),
            delivery_key=_key(body),
            has_delivery_id=False,
            occurred_at=_time(members["updated_at"]),
            changes=trigger.changes,
            kind_raw=trigger.kind_raw,
            raw=members.value,
        )
    ]


def _key(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


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


def _read(content_type: str, body: bytes) -> Template | Raw:
    """What a template made, or the object that an app of the Freshworks platform forwards."""
    if "form-urlencoded" in content_type.casefold():
        return _read_form(body)
    if body.lstrip()[:1] == b"<":
        return _read_xml(body)
    try:
        raw = read_json(body).object()
    except PayloadUnexpected as error:
        if not is_broken(body, error):
            raise
        return rescue_json(body, error)
    if raw["data"].is_there and raw["event"].is_there and not is_own_template(raw):
        return raw
    return read_object(raw)


def _read_form(body: bytes) -> Template:
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        raise PayloadUnexpected("$", "wanted a form in UTF-8 of up to 200 fields, found other bytes") from None
    named = [(name.removeprefix("freshdesk_webhook[").removesuffix("]"), value) for name, value in pairs]
    return read_pairs(named or [("", "")])


def _read_xml(body: bytes) -> Template:
    """The elements of an XML body, flat, in their order. A document type is refused: that is where XML's traps are."""
    found: list[tuple[str, str]] = []
    open_ones: list[int] = []

    def start(name: str, _: dict[str, str]) -> None:
        open_ones.append(len(found))
        found.append((name.replace("-", "_"), ""))
        if len(open_ones) > 8:
            raise ValueError("nested deeper than 8")

    def text(words: str) -> None:
        name, before = found[open_ones[-1]]
        found[open_ones[-1]] = (name, before + words)

    def refuse(*_: object) -> None:
        raise PayloadUnexpected("$", "XML with a document type is refused")

    reader = expat.ParserCreate("utf-8")
    reader.buffer_text = True
    reader.StartElementHandler = start
    reader.EndElementHandler = lambda name: open_ones.pop()
    reader.CharacterDataHandler = text
    reader.StartDoctypeDeclHandler = refuse
    reader.EntityDeclHandler = refuse
    try:
        reader.Parse(body, True)
    except expat.ExpatError:
        return rescue_xml(body, PayloadUnexpected("$", "not XML"))
    except ValueError as error:
        return rescue_xml(body, PayloadUnexpected("$", str(error)))
    return read_pairs([(name, words.strip()) for name, words in found[1:]] or [("", "")])


# Product events that an app of the Freshworks platform may forward; they name their actor.
# https://developers.freshworks.com/docs/app-sdk/v3.0/support_ticket/serverless-apps/product-events/
_APP_EVENT = {
    "onticketcreate": EventType.TICKET_CREATED,
    "onticketupdate": EventType.TICKET_UPDATED,
    "onticketdelete": EventType.TICKET_DELETED,
}
_ABOUT_TICKETS = ("onticket", "onconversation")


def _app_event(raw: Raw, body: bytes, account_name: str) -> Event:
    """A product event. One that is about neither a ticket nor a conversation (a contact was created) is of no kind of ours."""
    data, name = raw["data"], raw["event"].text()
    conversation = data["conversation"]
    place = conversation["ticket_id"] if conversation.is_there else data["ticket"]["id"]
    is_ours = place.is_there or name.casefold().startswith(_ABOUT_TICKETS)
    return Event(
        provider=Provider.FRESHDESK,
        type=_app_kind(name, conversation) if is_ours else EventType.OTHER,
        ticket=TicketKey(account_name, TicketKind.TICKET, ticket_number(place)) if is_ours else None,
        delivery_key=_key(body),
        has_delivery_id=False,
        actor=_actor(name, data),
        occurred_at=_milliseconds(raw["timestamp"]),
        changes=_tag_changes(data) if is_ours else {},
        kind_raw=name[:200],
        raw=raw.value,
    )


def _app_kind(name: str, conversation: Raw) -> EventType:
    if conversation.is_there:
        return _conversation_kind(conversation)
    return _APP_EVENT.get(name.casefold(), EventType.TICKET_UPDATED)


def _actor(name: str, data: Raw) -> str | None:
    """Who did it; of a new message its author, where the app forwards no actor."""
    told = data["actor"]["id"].identifier(default=None)
    is_new_message = name.casefold() == "onconversationcreate"
    return told or (data["conversation"]["user_id"].identifier(default=None) if is_new_message else None)


def _tag_changes(data: Raw) -> Changes:
    """Tags that an app's event says were put on or taken off: two lists, or the difference. An odd shape says nothing."""
    said = data["changes"] if isinstance(data["changes"].value, dict) else data["ticket"]["changes"]
    place = said["tags"]
    match place.value:
        case [list() as before, list() as after] | {"added": list() as after, "removed": list() as before}:
            return {"tags": ([*map(_folded, before)], [*map(_folded, after)])}
        case _:
            return {}


def _folded(tag: object) -> str:
    return tag.casefold() if isinstance(tag, str) else ""


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
