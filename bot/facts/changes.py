"""What happened to a ticket: the difference between two snapshots, as events and changes. Pure.

The payload of a webhook only supplements: thin webhooks, full webhooks and polls all say the same. Our own notes and
the fields that only count or time things are no changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from adapters.codec import to_json
from adapters.ticket import INTERNAL, Changes, Event, EventType, Json, Message, Status, Ticket

YOUNG = timedelta(hours=24)

# field of the ticket -> the event that its change is
_EVENTS: Mapping[str, EventType] = {
    "status": EventType.STATUS_CHANGED,
    "priority": EventType.PRIORITY_CHANGED,
    "assignee": EventType.ASSIGNEE_CHANGED,
    "team": EventType.ASSIGNEE_CHANGED,
    "tags": EventType.TAGS_CHANGED,
    "rating": EventType.RATING_RECEIVED,
    "merged_into": EventType.TICKET_MERGED,
    "is_deleted": EventType.TICKET_DELETED,
}
_PLAIN = (
    "subject",
    "type",
    "category",
    "followers",
    "custom",
    "brand",
    "form",
    "problem_id",
    "is_spam",
    "snoozed_until",
    "channel",
)


def changes(before: Ticket | None, after: Ticket) -> Changes:
    """Field -> [before, after] for each field that differs; empty at first sight. People and teams by id."""
    if before is None:
        return {}
    found: dict[str, tuple[Json, Json]] = {}
    for name in (*_EVENTS, *_PLAIN):
        old, new = _comparable(before, name), _comparable(after, name)
        if old != new and not (name == "status" and _is_only_answered(before, after)):
            found[name] = (old, new)
    return found


def _is_only_answered(before: Ticket, after: Ticket) -> bool:
    """Intercom and Freshdesk have no status `new`: it is ours, for an open ticket that no agent has answered. The first answer
    ends that, as it does not at Zendesk; their own word stays, and nobody changed the status."""
    is_opened = before.status is Status.NEW and after.status is Status.OPEN
    return is_opened and before.status_raw == after.status_raw != ""


def events(before: Ticket | None, after: Ticket, said: Iterable[Event], now: datetime) -> frozenset[EventType]:
    """What happened since `before`; empty where nothing did. Internal events (draft.ready, opinion.ready) count as said."""
    internal = {event.type for event in said if event.type in INTERNAL}
    if before is None:
        return frozenset(internal | {_first_sight(after, said, now)})
    found = {event for name, event in _EVENTS.items() if name in changes(before, after)}
    for message in new_messages(before, after):
        found.add(_event_of(message))
    found.discard(EventType.OTHER)
    if not found and changes(before, after):
        found.add(EventType.TICKET_UPDATED)
    return frozenset(internal | found)


def said_by_people(said: Iterable[Event], after: Ticket) -> Changes:
    """What payloads tell that agents changed: at first sight there is no snapshot that could. Only fields that still are as they
    were left; what the requester's own message did to the ticket is nobody's decision."""
    requester = after.requester.external_id if after.requester else None
    found: dict[str, tuple[Json, Json]] = {}
    for event in said:
        if event.actor is not None and event.actor == requester:
            continue
        found |= {name: (old, new) for name, (old, new) in event.changes.items() if name in _EVENTS and _is_now(after, name, new)}
    return found


def is_reopening(before: Ticket | None, after: Ticket) -> bool:
    """True where the customer has written and the status went back to open: the helpdesk does that by itself, nobody decided."""
    if before is None or after.status is not Status.OPEN or before.status is Status.OPEN:
        return False
    return any(message.is_from_customer for message in new_messages(before, after))


def by_people(changed: Changes, before: Ticket | None, after: Ticket) -> Changes:
    """The changes that somebody may have decided: without the status that the helpdesk set back when the customer wrote."""
    if not is_reopening(before, after):
        return changed
    return {name: both for name, both in changed.items() if name != "status"}


def _is_now(ticket: Ticket, name: str, new: Json) -> bool:
    """Whether it still is as it was left. A priority of None was changed, and to what is not told."""
    now = _comparable(ticket, name)
    return now == new or name == "tags" or (name == "priority" and new is None)


def new_messages(before: Ticket, after: Ticket) -> tuple[Message, ...]:
    """Messages that came since, without our own."""
    known = {message.external_id for message in before.messages}
    return tuple(message for message in after.messages if message.external_id not in known and not message.is_ours)


def _first_sight(ticket: Ticket, said: Iterable[Event], now: datetime) -> EventType:
    """A young ticket that nobody answered is new to everybody, not just to us."""
    says_created = any(event.type is EventType.TICKET_CREATED for event in said)
    is_young = ticket.created_at is not None and now - ticket.created_at <= YOUNG
    if says_created or (is_young and not ticket.agent_replies):
        return EventType.TICKET_CREATED
    return EventType.CUSTOMER_REPLIED if _customer_spoke_last(ticket) else EventType.TICKET_UPDATED


def _customer_spoke_last(ticket: Ticket) -> bool:
    public = [message for message in ticket.messages if message.is_from_customer or message.is_agent_reply]
    return bool(public) and public[-1].is_from_customer


def _event_of(message: Message) -> EventType:
    if message.is_from_customer:
        return EventType.CUSTOMER_REPLIED
    if message.is_agent_reply:
        return EventType.AGENT_REPLIED
    return EventType.NOTE_CREATED if message.kind == "note" else EventType.OTHER


def _comparable(ticket: Ticket, name: str) -> Json:
    value = getattr(ticket, name)
    if name in ("assignee", "team"):
        return value.external_id if value else None
    if name == "custom":  # an unknown field is as good as one that is not there
        value = {slug: each for slug, each in value.items() if each is not None}
    shown: Json = to_json(value)
    return shown
