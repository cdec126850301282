"""Zendesk's webhooks: event subscriptions (a fixed envelope) and triggers (a body that somebody wrote in the admin centre).

A webhook is one or the other; the `type` of the envelope tells them apart.
https://developer.zendesk.com/documentation/webhooks/creating-and-monitoring-webhooks/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.helpdesk import Headers, WebhookReader, WebhookSecurity
from adapters.raw import Raw, read_json
from adapters.template_body import is_broken, is_own_template, read_object, rescue_json
from adapters.ticket import INTERNAL, Changes, Event, EventType, Json, Provider, TicketKey, TicketKind
from adapters.zendesk.tables import PRIORITY, STATUS, TYPE, word

SIGNATURE = "x-zendesk-webhook-signature"
TIMESTAMP = "x-zendesk-webhook-signature-timestamp"
_LONGEST_HEADER = 200
# Signs test calls before a webhook exists; everybody knows it: https://developer.zendesk.com/documentation/webhooks/verifying/
_PUBLIC_TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="  # noqa: S105

_ENVELOPE = "zen:event-type:"

# What follows `zen:event-type:ticket.`.
# https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
# (the spellings of submitter_changed, task_due_at_changed, type_changed and the last five are not confirmed)
KIND = {
    "created": EventType.TICKET_CREATED,
    "comment_added": EventType.TICKET_UPDATED,  # refined by who wrote it, see _comment_kind
    "comment_made_private": EventType.TICKET_UPDATED,
    "comment_redacted": EventType.TICKET_UPDATED,
    "attachment_linked_to_comment": EventType.TICKET_UPDATED,
    "attachment_redacted_from_comment": EventType.TICKET_UPDATED,
    "agent_assignment_changed": EventType.ASSIGNEE_CHANGED,
    "group_assignment_changed": EventType.ASSIGNEE_CHANGED,
    "status_changed": EventType.STATUS_CHANGED,
    "custom_status_changed": EventType.STATUS_CHANGED,
    "priority_changed": EventType.PRIORITY_CHANGED,
    "tags_changed": EventType.TAGS_CHANGED,
    "brand_changed": EventType.TICKET_UPDATED,
    "custom_field_changed": EventType.TICKET_UPDATED,
    "description_changed": EventType.TICKET_UPDATED,
    "external_id_changed": EventType.TICKET_UPDATED,
    "email_ccs_changed": EventType.TICKET_UPDATED,
    "followers_changed": EventType.TICKET_UPDATED,
    "form_changed": EventType.TICKET_UPDATED,
    "organization_changed": EventType.TICKET_UPDATED,
    "problem_link_changed": EventType.TICKET_UPDATED,
    "requester_changed": EventType.TICKET_UPDATED,
    "subject_changed": EventType.TICKET_UPDATED,
    "submitter_changed": EventType.TICKET_UPDATED,
    "task_due_at_changed": EventType.TICKET_UPDATED,
    "type_changed": EventType.TICKET_UPDATED,
    "undeleted": EventType.TICKET_UPDATED,
    "merged": EventType.TICKET_MERGED,
    "marked_as_spam": EventType.TICKET_DELETED,
    "soft_deleted": EventType.TICKET_DELETED,
    "permanently_deleted": EventType.TICKET_DELETED,
}

# Kinds whose `event.current` and `event.previous` say one of our fields.
CHANGED_FIELD = {
    "status_changed": "status",
    "priority_changed": "priority",
    "agent_assignment_changed": "assignee",
    "group_assignment_changed": "team",
    "tags_changed": "tags",
    "subject_changed": "subject",
    "type_changed": "type",
    "requester_changed": "requester",
    "organization_changed": "company",
}

# The `event` of a trigger's body is whatever its author wrote; these words and our own event types are understood.
TRIGGER_KIND = {
    "created": EventType.TICKET_CREATED,
    "updated": EventType.TICKET_UPDATED,
    "replied": EventType.CUSTOMER_REPLIED,
    "rated": EventType.RATING_RECEIVED,
    "merged": EventType.TICKET_MERGED,
    "deleted": EventType.TICKET_DELETED,
} | {kind.value: kind for kind in EventType if kind not in (EventType.OTHER, *INTERNAL)}


def verify(headers: Headers, body: bytes, security: WebhookSecurity, now: datetime) -> None:
    """Raises SignatureInvalid unless one of the secrets signed timestamp and body, at most `replay_window_s` from `now`.

    https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    signature, stamp = headers.get(SIGNATURE, ""), headers.get(TIMESTAMP, "")
    if not signature or not stamp:
        raise SignatureInvalid("missing")
    if "," in signature or "," in stamp:
        raise SignatureInvalid("repeated")
    sent_at = _sent_at(stamp)
    if sent_at is None or len(signature) > _LONGEST_HEADER:
        raise SignatureInvalid("malformed")
    given, signed = _bytes(signature), _bytes(stamp) + body
    usable = [secret for secret in security.secrets if secret and secret != _PUBLIC_TEST_SECRET]
    matches = [hmac.compare_digest(given, _signature(secret, signed)) for secret in usable]  # all, so time tells nothing
    if not any(matches):
        raise SignatureInvalid("mismatch")
    if abs(now - sent_at) > timedelta(seconds=security.replay_window_s):
        raise SignatureInvalid("stale")


def _signature(secret: str, signed: bytes) -> bytes:
    return base64.b64encode(hmac.digest(_bytes(secret), signed, "sha256"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _sent_at(stamp: str) -> datetime | None:
    if len(stamp) > _LONGEST_HEADER:
        return None
    try:
        moment = datetime.fromisoformat(stamp.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
    """The one event of a delivery. Kinds that we do not know, and those of users and organisations, are EventType.OTHER.

    Raises PayloadUnexpected if no event can be read from it, TicketUnclear where it cannot be told which ticket is meant.
    """
    try:
        payload = read_json(body).object()
    except PayloadUnexpected as error:
        if not is_broken(body, error):
            raise
        return [_from_broken_trigger(body, account_name, error)]
    # A text in a trigger's template may make up an envelope; it cannot take the template's own id away.
    if str(payload["type"].value).startswith(_ENVELOPE) and not is_own_template(payload):
        return [_from_envelope(payload, body, account_name)]
    return [_from_trigger(payload, body, account_name)]


def _from_envelope(payload: Raw, body: bytes, account_name: str) -> Event:
    kind_raw = payload["type"].text().removeprefix(_ENVELOPE)
    subject, _, name = kind_raw.partition(".")
    key = _envelope_key(payload, account_name, name) if subject == "ticket" else None
    delivery_id = payload["id"].value if isinstance(payload["id"].value, str) else ""
    return Event(
        provider=Provider.ZENDESK,
        type=_comment_kind(payload) if kind_raw == "ticket.comment_added" else _kind(subject, name),
        ticket=key,
        delivery_key=delivery_id[:200] or _hash(body),
        has_delivery_id=bool(delivery_id),
        actor=_person(payload["detail"]["actor_id"]),
        occurred_at=_time_if_any(payload["time"]),
        changes=_changes(name, payload["event"], payload["detail"]) if key else {},
        kind_raw=kind_raw,
        raw=payload.value,
    )


def _kind(subject: str, name: str) -> EventType:
    return KIND.get(name, EventType.OTHER) if subject == "ticket" else EventType.OTHER


def _envelope_key(payload: Raw, account_name: str, name: str) -> TicketKey | None:
    """From `detail.id`, else from `subject` (`zen:ticket:42`). A known kind must have one; an unknown kind may."""
    ticket_id = _ticket_id(payload["detail"]["id"])
    if ticket_id is None:
        told = re.fullmatch(r"zen:ticket:([1-9][0-9]{0,19})", str(payload["subject"].value))
        ticket_id = told[1] if told else None
    if ticket_id is None and name in KIND:
        raise payload["detail"]["id"].unexpected("a ticket's id")
    return TicketKey(account_name, TicketKind.TICKET, ticket_id) if ticket_id else None


def _ticket_id(place: Raw) -> str | None:
    """Ids are numbers, written as numbers or as text; "" and "0" mean none."""
    found = place.identifier(default=None)
    if found is not None and not (found.isdecimal() and len(found) <= 20):
        raise place.unexpected("a ticket's id")
    return found


def _comment_kind(payload: Raw) -> EventType:
    """Who wrote it decides. Where the payload leaves it open, the ticket is merely updated: the snapshot will tell."""
    comment, detail = payload["event"]["comment"], payload["detail"]
    if comment["is_public"].value is False:
        return EventType.NOTE_CREATED
    if comment["is_public"].value is not True:
        return EventType.TICKET_UPDATED
    is_staff = comment["author"]["is_staff"].value
    if isinstance(is_staff, bool):
        return EventType.AGENT_REPLIED if is_staff else EventType.CUSTOMER_REPLIED
    actor, requester = _person(detail["actor_id"]), _person(detail["requester_id"])
    return EventType.CUSTOMER_REPLIED if actor is not None and actor == requester else EventType.TICKET_UPDATED


def _changes(name: str, event: Raw, detail: Raw) -> Changes:
    field = CHANGED_FIELD.get(name)
    if field == "tags" and ("tags_added" in event or "tags_removed" in event):
        return _tag_changes(event, detail)
    if field is None or ("current" not in event and "previous" not in event):
        return {}
    return {field: (_our_value(field, event["previous"]), _our_value(field, event["current"]))}


def _tag_changes(event: Raw, detail: Raw) -> Changes:
    """Some accounts name only the difference; the list after it stands in `detail`."""
    added, removed, after = (_tags(place) for place in (event["tags_added"], event["tags_removed"], detail["tags"]))
    return {"tags": ([*sorted(after - added | removed)], [*sorted(after)])}


def _tags(place: Raw) -> set[str]:
    return {each.casefold() for each in place.value if isinstance(each, str)} if isinstance(place.value, list) else set()


def _our_value(field: str, place: Raw) -> Json:
    """The payload's value in our words, as far as they are known: enums in capitals, ids as text or numbers, "" for none."""
    if isinstance(place.value, list):
        return [*sorted(_tags(place))]
    if not isinstance(place.value, str | int) or isinstance(place.value, bool):
        return None
    text = place.text(default="")
    if field == "status":
        return STATUS[word(text)].value if word(text) in STATUS else "other"
    if field == "priority":
        return PRIORITY[word(text)].value if word(text) in PRIORITY else None
    if field == "type":
        return TYPE[word(text)].value if word(text) in TYPE else None
    return None if text in ("", "0") and field != "subject" else text


def _from_trigger(payload: Raw, body: bytes, account_name: str) -> Event:
    found = read_object(payload)
    told = payload["event"].value
    told = told.strip().lower()[:60] if isinstance(told, str) else ""
    who = payload["current_user"]
    return Event(
        provider=Provider.ZENDESK,
        type=TRIGGER_KIND.get(told, EventType.TICKET_UPDATED),
        ticket=TicketKey(account_name, TicketKind.TICKET, found.ticket_id),
        delivery_key=_hash(body),
        has_delivery_id=False,
        actor=_person(who["id"] if isinstance(who.value, dict) else who),
        occurred_at=_time_if_any(payload["updated_at"]),
        kind_raw=f"trigger:{told}" if told else "trigger",
        raw=payload.value,
    )


def _person(place: Raw) -> str | None:
    """A user's id. Authors of triggers also write a name there, which says nothing to us; -1 is Zendesk itself."""
    value = place.value
    if isinstance(value, int | str) and not isinstance(value, bool) and re.fullmatch(r"[1-9][0-9]{0,19}", str(value)):
        return str(value)
    return None


def _time_if_any(place: Raw) -> datetime | None:
    """A trigger may be written with a localised time; then the time is unknown. The ticket counts, not the oddity."""
    try:
        return place.time(default=None)
    except PayloadUnexpected:
        return None


def _from_broken_trigger(body: bytes, account_name: str, error: PayloadUnexpected) -> Event:
    """Zendesk puts text into a trigger's body as it is, so a quote or a line break in a subject makes it no JSON."""
    found = rescue_json(body, error)
    return Event(
        provider=Provider.ZENDESK,
        type=EventType.TICKET_UPDATED,
        ticket=TicketKey(account_name, TicketKind.TICKET, found.ticket_id),
        delivery_key=_hash(body),
        has_delivery_id=False,
        kind_raw="trigger:broken",
    )


def _hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


READER = WebhookReader(
    provider=Provider.ZENDESK,
    stamp_grain_s=1.0,
    verify=verify,
    parse=parse,
)
