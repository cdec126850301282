"""What teammates and contacts do to threads at Intercom, with the notifications that each act sends.

Verbs (verbs.py) and routes both go through here, so a story and the API leave the same traces. Callers hold the desk's lock.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from sandbox.core_records import Records
from sandbox.intercom import render, threads
from sandbox.intercom.people import APP, OPERATOR, Directory
from sandbox.intercom.words import unix

Json = dict[str, Any]
# Of a ticket's topics these carry the ticket itself; the others wrap it together with the part.
_PLAIN_TICKET = {"ticket.created", "ticket.state.updated", "ticket.closed"}


class Office(Protocol):
    """What an act needs of the desk that it happens at."""

    people: Directory
    records: Records
    clock: Callable[[], datetime]
    version: str
    shape: Literal["modern", "legacy"]
    topics: frozenset[str] | None
    merge_fires: bool

    def next_part(self) -> int: ...

    def emit(self, *, ticket: str, topic: str, body: bytes, id: str = "") -> None: ...


class Acts:
    """Each act takes the record and the author, and returns the part it made."""

    def __init__(self, desk: Office) -> None:
        self._desk = desk

    def comment(self, record: Json, author: Json, body: str, part_type: str = "comment") -> Json:
        """A teammate's public message."""
        threads.teammate_spoke(record, self._at)
        return self._said(record, part_type, author, body, "admin.replied")

    def note(self, record: Json, author: Json, body: str) -> Json:
        topic = "note.created" if record["kind"] == "ticket" else "admin.noted"
        return self._said(record, "note", author, body, topic)

    def contact_comment(self, record: Json, author: Json, body: str) -> Json:
        """A contact's message; it opens a closed or snoozed thread, and then the part's type is `open`."""
        part_type = threads.contact_spoke(record, self._at)
        topic = "contact.replied" if record["kind"] == "ticket" else "user.replied"
        if author["id"] not in record["contacts"]:
            record["contacts"].append(author["id"])
        return self._said(record, part_type, author, body, topic)

    def close(self, record: Json, author: Json, body: str | None = None) -> Json:
        """With a body two topics fire, for the reply and for the closing, about the same part."""
        if body:
            threads.teammate_spoke(record, self._at)
        threads.closed(record, author["id"], self._at)
        part = self._part(record, "close", author, body)
        if body:
            self.notify(f"{record['kind']}.admin.replied", record, part)
        self._notify_closed(record, part)
        return part

    def reopen(self, record: Json, author: Json) -> Json:
        snoozed = record["state"] == "snoozed"
        threads.opened(record)
        part = self._part(record, "unsnoozed" if snoozed else "open", author)
        if record["kind"] == "conversation":
            self.notify("conversation.admin.unsnoozed" if snoozed else "conversation.admin.opened", record, part)
        return part

    def snooze(self, record: Json, author: Json, until: int) -> Json:
        record.update(state="snoozed", snoozed_until=until)
        part = self._part(record, "snoozed", author)
        if record["kind"] == "conversation":
            self.notify("conversation.admin.snoozed", record, part)
        return part

    def assign(self, record: Json, author: Json, kind: str, assignee: str, body: str | None = None) -> Json:
        """`kind`: admin or team; "0" takes the assignment off."""
        to = threads.assigned(record, kind, assignee, self._at)
        part = self._part(record, "assignment", author, body, assigned_to=to)
        topic = f"ticket.{kind}.assigned" if record["kind"] == "ticket" else "conversation.admin.assigned"
        self.notify(topic, record, part)
        return part

    def tag(self, record: Json, author: Json, tag: Json) -> bool:
        """False if it was there. There is a topic for tags put on, none for tags taken off, none at all on tickets."""
        if not threads.tagged(record, tag, author, self._at):
            return False
        self._save(record)
        if record["kind"] == "conversation":
            added = {"type": "tag.list", "tags": [{"type": "tag", "id": tag["id"], "name": tag["name"]}]}
            self.notify("conversation_part.tag.created", record, _tagged_part(record), tags_added=added)
        return True

    def untag(self, record: Json, number: str) -> Json | None:
        found = threads.untagged(record, number, self._at)
        self._save(record)
        return found

    def set_priority(self, record: Json, author: Json, native: str) -> None:
        record["priority"] = native
        part = self._part(record, "priority_changed", author)
        self.notify("conversation.priority.updated", record, part)

    def set_attribute(self, record: Json, author: Json, name: str, value: Any) -> None:
        """Conversations have no topic for this; tickets have one."""
        before, record["attributes"][name] = record["attributes"].get(name), value
        if record["kind"] == "conversation":
            details = {"attribute": {"name": name}, "value": {"name": value}}
            self._part(record, "conversation_attribute_updated_by_admin", OPERATOR, event_details=details)
            return
        data = {
            "attribute": {"type": "attribute", "id": name, "label": name},
            "value": {"type": "value", "id": value, "label": value, "previous": before or ""},
        }
        part = self._part(record, "ticket_attribute_updated_by_admin", author, updated_attribute_data=data)
        self.notify("ticket.attribute.updated", record, part)

    def set_state(self, record: Json, author: Json, state: Json) -> None:
        """A ticket's state; resolving closes it as well."""
        before = self._desk.people.states[record["ticket_state"]]["category"]
        record["ticket_state"] = state["id"]
        resolved = state["category"] == "resolved"
        if resolved and record["state"] != "closed":
            threads.closed(record, author["id"], self._at)
            self._part(record, "close", author)
        changed = {"ticket_state": state["category"], "previous_ticket_state": before}
        part = self._part(record, "ticket_state_updated_by_admin", author, **changed)
        self.notify("ticket.state.updated", record, part)
        if resolved:
            self.notify("ticket.closed", record, part)

    def merge(self, record: Json, into: Json, author: Json) -> None:
        """The secondary is closed and linked to the primary. No topic names a merge: the closing is all that is told."""
        threads.closed(record, author["id"], self._at)
        record["merged_into"] = into["id"]
        part = self._part(record, "merged_secondary_conversation", OPERATOR, event_details={"conversation": {"id": into["id"]}})
        if self._desk.merge_fires:
            self._notify_closed(record, part)
        self._part(into, "merged_primary_conversation", OPERATOR, event_details={"conversation": {"id": record["id"]}})

    def rate(self, record: Json, score: int, remark: str) -> None:
        number = record["contacts"][0]
        contact = {"type": "contact", "id": number, "external_id": self._desk.people.contacts[number]["external_id"]}
        teammate = {"type": "admin", "id": str(record["admin"])} if record["admin"] else None
        record["rating"] = {
            "rating": score, "remark": remark or None, "created_at": self._at, "updated_at": self._at, "contact": contact,
            "teammate": teammate,
        }  # fmt: skip
        details = {"rating": score, "remark": remark}
        part = self._part(record, "conversation_rating_changed", self._desk.people.author("user", number), event_details=details)
        self.notify("ticket.rating.provided" if record["kind"] == "ticket" else "conversation.rating.added", record, part)

    def delete(self, record: Json) -> None:
        """The notification only says which one it was, and not under `id`."""
        record.update(is_deleted=True, updated_at=self._at)
        self._save(record)
        kind = record["kind"]
        self._emit(f"{kind}.deleted", record["id"], {"type": kind, f"{kind}_id": record["id"]})

    def _notify_closed(self, record: Json, part: Json) -> None:
        self.notify("ticket.closed" if record["kind"] == "ticket" else "conversation.admin.closed", record, part)

    def notify(self, topic: str, record: Json, part: Json | None = None, **more: Any) -> None:
        """Send the notification of one topic about the record as it is now."""
        people, version = self._desk.people, self._desk.version
        if record["kind"] == "ticket":
            item = render.ticket(record, people, webhook=True)
            if topic not in _PLAIN_TICKET and part is not None:
                item = {"type": "ticket_ticket_part", "ticket": item, "ticket_part": render.ticket_part(part)}
        elif self._desk.shape == "legacy":
            item = render.legacy_conversation(record, people, part)
        else:
            item = render.webhook_conversation(record, people, version, part)
        self._emit(topic, record["id"], {**item, **more})

    def ping(self) -> None:
        """The test that comes when an address is saved; it has no id."""
        self._emit("ping", "", {"type": "ping", "message": "something something interzen"})

    @property
    def _at(self) -> int:
        return unix(self._desk.clock())

    def _part(self, record: Json, part_type: str, author: Json, body: str | None = None, **more: Any) -> Json:
        part = threads.add_part(record, self._desk.next_part(), part_type, author, self._at, body, **more)
        self._save(record)
        return part

    def _said(self, record: Json, part_type: str, author: Json, body: str, topic: str) -> Json:
        part = self._part(record, part_type, author, body)
        self.notify(f"{record['kind']}.{topic}", record, part)
        return part

    def _save(self, record: Json) -> None:
        self._desk.records.save(record["id"], self._desk.clock())

    def _emit(self, topic: str, thread: str, item: Mapping[str, Any]) -> None:
        if self._desk.topics is not None and topic not in self._desk.topics:
            return
        ping, at = topic == "ping", self._at
        number = "" if ping else f"notif_{uuid.uuid4()}"
        notification = {
            "type": "notification_event", "app_id": APP, "data": {"type": "notification_event_data", "item": item},
            "links": {}, "id": number or None, "topic": topic, "delivery_status": None if ping else "pending",
            "delivery_attempts": 1, "delivered_at": 0, "first_sent_at": at, "created_at": at, "self": None,
        }  # fmt: skip
        self._desk.emit(ticket=thread, topic=topic, id=number, body=json.dumps(notification, ensure_ascii=False).encode())


def _tagged_part(record: Json) -> Json:
    """The message that the tag is shown on: the newest public one, the opening message if there is no other."""
    for part in reversed(record["parts"]):
        if part["part_type"] == "comment":
            return {**part, "tags": record["tags"]}
    source = record["source"]
    return {
        "id": source["id"], "part_type": "comment", "body": source["body"], "created_at": record["created_at"],
        "author": source["author"], "state": record["state"], "assigned_to": None, "tags": record["tags"],
        "event_details": {}, "app_package_code": None,
    }  # fmt: skip
