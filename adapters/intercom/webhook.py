"""Intercom's notifications: proving them, and reading events from them.

Three shapes of the same thing arrive, by the app's API version: conversations (2.0 and later), conversations of 1.x, and
tickets. A conversation carries only the part that triggered the notification; a ticket carries all of its parts, or the
triggering part stands beside it.
https://developers.intercom.com/docs/references/webhooks/webhook-models (seen November 2026)
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.helpdesk import Headers, WebhookReader, WebhookSecurity
from adapters.intercom.dialect import CATEGORY, PRIORITY, PRIORITY_WORD
from adapters.raw import Raw, read_json
from adapters.ticket import Changes, Event, EventType, Provider, TicketKey, TicketKind

# A topic that is not in this table becomes OTHER without a ticket.
TOPIC: Mapping[str, EventType] = {
    "conversation.user.created": EventType.TICKET_CREATED,
    "conversation.user.replied": EventType.CUSTOMER_REPLIED,
    "conversation.admin.replied": EventType.AGENT_REPLIED,
    "conversation.admin.replied.translated": EventType.AGENT_REPLIED,
    "conversation.admin.noted": EventType.NOTE_CREATED,
    "conversation.admin.assigned": EventType.ASSIGNEE_CHANGED,
    "conversation.admin.open.assigned": EventType.ASSIGNEE_CHANGED,
    "conversation.admin.single.created": EventType.TICKET_CREATED,
    "conversation.admin.closed": EventType.STATUS_CHANGED,
    "conversation.admin.opened": EventType.STATUS_CHANGED,
    "conversation.admin.snoozed": EventType.STATUS_CHANGED,
    "conversation.admin.unsnoozed": EventType.STATUS_CHANGED,
    "conversation.operator.replied": EventType.TICKET_UPDATED,
    "conversation.read": EventType.OTHER,  # a read receipt: nothing that a rule could see
    "conversation.deleted": EventType.TICKET_DELETED,
    "conversation.priority.updated": EventType.PRIORITY_CHANGED,
    "conversation.rating.added": EventType.RATING_RECEIVED,
    "conversation.contact.attached": EventType.TICKET_UPDATED,
    "conversation.contact.detached": EventType.TICKET_UPDATED,
    "conversation_part.tag.created": EventType.TAGS_CHANGED,
    "conversation_part.redacted": EventType.TICKET_UPDATED,
    "ticket.created": EventType.TICKET_CREATED,
    "ticket.state.updated": EventType.STATUS_CHANGED,
    "ticket.admin.assigned": EventType.ASSIGNEE_CHANGED,
    "ticket.team.assigned": EventType.ASSIGNEE_CHANGED,
    "ticket.admin.replied": EventType.AGENT_REPLIED,
    "ticket.admin.replied.translated": EventType.AGENT_REPLIED,
    "ticket.contact.replied": EventType.CUSTOMER_REPLIED,
    "ticket.note.created": EventType.NOTE_CREATED,
    "ticket.attribute.updated": EventType.TICKET_UPDATED,
    "ticket.closed": EventType.STATUS_CHANGED,
    "ticket.contact.attached": EventType.TICKET_UPDATED,
    "ticket.contact.detached": EventType.TICKET_UPDATED,
    "ticket.rating.provided": EventType.RATING_RECEIVED,
    "ticket.deleted": EventType.TICKET_DELETED,
}

# What the triggering part of a ticket is, since its notification carries all parts. Absent: the actor stays unknown.
TICKET_PART: Mapping[str, str] = {
    "ticket.admin.replied": "comment",
    "ticket.admin.replied.translated": "comment",
    "ticket.contact.replied": "comment",
    "ticket.note.created": "note",
    "ticket.state.updated": "ticket_state_updated",
    "ticket.closed": "ticket_state_updated",
    "ticket.admin.assigned": "assignment",
    "ticket.team.assigned": "assignment",
    "ticket.attribute.updated": "ticket_attribute_updated",
}

# The part these carry was written by somebody else than the one who acted on it.
_PART_IS_OBJECT = frozenset({"conversation_part.tag.created", "conversation_part.redacted", "conversation.read"})
_OPENING = frozenset({"conversation.user.created", "conversation.admin.single.created"})
_SAME_MOMENT_S = 2.0


def verify(headers: Headers, body: bytes, security: WebhookSecurity, now: datetime) -> None:
    """Check the signature over the raw bytes, and the age by the time inside the signed body.

    `X-Hub-Signature: sha1=<hex>` on notifications, `X-Body-Signature: <hex>` (SHA-256) on the vendor's own checks and
    Canvas Kit calls. There is no signed timestamp header. A retry keeps its `first_sent_at`, and Intercom retries for up
    to two hours, so this window is weaker than at other vendors: `replay_window_s` into the future,
    `replay_window_s` + `retries_s` into the past. Within it only the notification id tells a repeat.
    """
    name, prefix, digest = ("x-hub-signature", b"sha1=", "sha1")
    if name not in headers:
        name, prefix, digest = ("x-body-signature", b"", "sha256")
    if not headers.get(name):
        raise SignatureInvalid("missing")
    if "," in headers[name]:
        raise SignatureInvalid("repeated")
    given = headers[name].strip().encode("utf-8", "replace")
    wanted = [prefix + hmac.new(secret.encode(), body, digest).hexdigest().encode() for secret in security.secrets if secret]
    matches = [hmac.compare_digest(given, each) for each in wanted]  # every secret is tried, whichever holds
    if not any(matches):
        raise SignatureInvalid("mismatch")
    _check_age(body, security, now)


def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
    """The one event of a notification. Raises PayloadUnexpected where no topic, or no ticket of a known topic, can be read."""
    raw = read_json(body).object()
    topic = raw["topic"].text()
    given_id = _notification_id(raw["id"])
    item = raw["data"]["item"]
    kind = TOPIC.get(topic, EventType.OTHER)
    return [
        Event(
            provider=Provider.INTERCOM,
            type=kind,
            ticket=_ticket_key(topic, item, account_name) if topic in TOPIC else None,
            delivery_key=given_id or READER.content_sha256(body),
            has_delivery_id=given_id is not None,
            actor=_actor(topic, item, raw["created_at"]),
            occurred_at=_time(raw["created_at"]) or _time(item["updated_at"]),
            changes=_changes(topic, item, raw["created_at"]),
            kind_raw="".join(char for char in topic[:100] if char.isprintable()),
            raw=raw.value,
        )
    ]


def _notification_id(place: Raw) -> str | None:
    """`notif_<uuid>`; None for a test, whose id is null. One of other letters, or a long one, is known by its hash, which is the
    same at each retry."""
    given = place.tolerant().text(default="")
    try:
        return place.identifier(default=None)
    except PayloadUnexpected:
        return hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest() if given else None


def _check_age(body: bytes, security: WebhookSecurity, now: datetime) -> None:
    try:
        payload = read_json(body)
    except PayloadUnexpected:
        return  # no time can be read; `parse` will say what is wrong with it
    place = next(
        (payload[name] for name in ("first_sent_at", "created_at") if payload[name].is_there and payload[name].value != 0), None
    )
    try:
        sent_at = place.time(default=None) if place is not None else None
    except PayloadUnexpected:
        raise SignatureInvalid("malformed") from None
    if sent_at is None:
        return
    ahead = timedelta(seconds=security.replay_window_s)
    if sent_at > now + ahead or sent_at < now - ahead - timedelta(seconds=security.retries_s):
        raise SignatureInvalid("stale")


def _ticket_key(topic: str, item: Raw, account_name: str) -> TicketKey:
    """The conversation or ticket that a notification speaks of.

    An item may be the part instead, and then holds its ticket or conversation; the item of `*.deleted` may name it
    under `conversation_id`. A ticket's `ticket_id` is the number people see, and its key only where nothing else is given.
    """
    is_ticket = topic.startswith("ticket.") or str(item["type"].value).startswith("ticket")
    kind = TicketKind.TICKET if is_ticket else TicketKind.CONVERSATION
    inside, named = item[kind.value]["id"], item[f"{kind.value}_id"]
    is_part = str(item["type"].value).endswith("_part")
    place = next((each for each in ((inside, named) if is_part else (inside, item["id"], named)) if each.is_there), item["id"])
    return TicketKey(account_name, kind, _identifier(place))


def _identifier(place: Raw) -> str:
    found = place.identifier()
    if found is None:
        raise place.unexpected("an id")
    return found


def _actor(topic: str, item: Raw, created_at: Raw) -> str | None:
    """Who acted, only where the payload leaves no doubt: a wrong name would let a person's change pass for ours."""
    if topic not in TOPIC:
        return None
    if topic == "conversation_part.tag.created":
        return _only(_near(_entries(item["tags"]["tags"]), created_at, "applied_at"), "applied_by")
    if item["ticket_part"]["author"].is_there:
        return _id_in(item["ticket_part"]["author"])
    if topic in TICKET_PART:
        return _only(_near(_ticket_parts(topic, item), created_at, "created_at"), "author")
    if topic in _PART_IS_OBJECT or topic.startswith("ticket."):
        return None
    parts = _entries(item["conversation_parts"]["conversation_parts"])
    found = _only(parts, "author")
    if found is None and topic in _OPENING:
        return _id_in(item["source"]["author"]) or _id_in(item["conversation_message"]["author"]) or _id_in(item["user"])
    return found


def _ticket_parts(topic: str, item: Raw) -> Iterator[Raw]:
    for part in _entries(item["ticket_parts"]["ticket_parts"]):
        # By its start: `ticket_state_updated_by_admin`, `..._by_user`, `..._by_workflow`.
        if str(part["part_type"].value).startswith(TICKET_PART[topic]):
            yield part


def _near(entries: Iterator[Raw], created_at: Raw, name: str) -> Iterator[Raw]:
    """The entries of the notification's own moment."""
    moment = _time(created_at)
    for entry in entries:
        at = _time(entry[name])
        if moment is not None and at is not None and abs((at - moment).total_seconds()) <= _SAME_MOMENT_S:
            yield entry


def _only(entries: Iterator[Raw], name: str) -> str | None:
    """The one person who stands under `name` in all entries; None where there are several or none."""
    people = {_id_in(entry[name]) for entry in entries}
    return people.pop() if len(people) == 1 else None


def _id_in(person: Raw) -> str | None:
    try:
        return person["id"].identifier(default=None)
    except PayloadUnexpected:
        return None


def _entries(place: Raw) -> Iterator[Raw]:
    """Like `items`, for what only supplements: an odd shape yields nothing."""
    if isinstance(place.value, list):
        yield from place.items()


def _time(place: Raw) -> datetime | None:
    try:
        return place.time(default=None)
    except PayloadUnexpected:
        return None


def _changes(topic: str, item: Raw, created_at: Raw) -> Changes:
    """What the payload says of before and after, which only the state of a ticket does; and of a conversation's new priority,
    whose level apps before 2.16 are not told (None)."""
    if topic == "conversation.priority.updated":
        word = str(item["priority"].value)
        return {"priority": (None, PRIORITY[word].value if word in PRIORITY_WORD.values() else None)}
    if topic != "ticket.state.updated":
        return {}
    near = [item["ticket_part"]] if item["ticket_part"].is_there else []
    near = near or list(_near(_ticket_parts(topic, item), created_at, "created_at"))
    if len(near) != 1:
        return {}
    before, after = (CATEGORY.get(str(near[0][name].value)) for name in ("previous_ticket_state", "ticket_state"))
    return {"status": (before.value, after.value)} if before and after and before != after else {}


READER = WebhookReader(
    provider=Provider.INTERCOM,
    stamp_grain_s=0.0,  # no conditional writes here
    # A retry keeps its id and counts itself; when and whether it was delivered is of the try, too.
    # https://developers.intercom.com/docs/references/webhooks/webhook-models
    retry_members=frozenset({"delivery_attempts", "delivery_status", "delivered_at", "first_sent_at"}),
    verify=verify,
    parse=parse,
)
