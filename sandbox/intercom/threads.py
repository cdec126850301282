"""Intercom's conversations and tickets as they are stored, and what each act does to them.

A record is one dict of plain JSON for either kind (`kind`: conversation or ticket); render.py makes the vendor's shapes of
it. The functions here change records and know nothing of HTTP, versions or webhooks. Times are unix seconds.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from sandbox.core_text import sanitised, to_html

Json = dict[str, Any]
_STATISTICS = (
    "time_to_assignment", "time_to_admin_reply", "time_to_first_close", "time_to_last_close", "median_time_to_reply",
    "first_contact_reply_at", "first_assignment_at", "first_admin_reply_at", "first_close_at", "last_assignment_at",
    "last_assignment_admin_reply_at", "last_contact_reply_at", "last_admin_reply_at", "last_close_at", "last_closed_by_id",
)  # fmt: skip


def new_record(number: int, *, author: Json, contacts: list[str], subject: str, body: str, source_type: str, at: int) -> Json:
    """A conversation; `body` is HTML. By a contact, or by a teammate who writes first."""
    by_admin = author["type"] == "admin"
    record: Json = {
        "kind": "conversation", "id": str(number), "created_at": at, "updated_at": at, "contacts": contacts,
        "title": None if source_type == "email" else subject or None,
        "source": {
            "type": source_type, "id": str(number + 7), "delivered_as": "admin_initiated" if by_admin else "customer_initiated",
            "subject": to_html(subject) if source_type == "email" else "", "body": sanitised(body), "author": author,
            "attachments": [], "url": None, "redacted": False,
        },
        "admin": None, "team": None, "state": "open", "snoozed_until": None, "read": by_admin,
        "waiting_since": None if by_admin else at, "priority": "none", "tags": [], "attributes": {}, "company_id": None,
        "rating": None, "parts": [], "teammates": [author["id"]] if by_admin else [],
        "first_contact_reply": None if by_admin else {"created_at": at, "type": source_type, "url": None},
        "statistics": {
            **dict.fromkeys(_STATISTICS), "count_reopens": 0, "count_assignments": 0, "reply_times": [],
            **({} if by_admin else {"first_contact_reply_at": at, "last_contact_reply_at": at}),
        },
        "merged_into": None, "is_spam": False, "is_deleted": False,
    }  # fmt: skip
    return record


def new_ticket(number: int, *, contacts: list[str], subject: str, description: str, state: str, at: int) -> Json:
    """A ticket: its words are attributes, its number another than its id."""
    return {
        "kind": "ticket", "id": str(number), "ticket_id": str(66_040_000 + number % 10_000), "created_at": at,
        "updated_at": at, "contacts": contacts,
        "attributes": {"_default_title_": subject, "_default_description_": description},
        "ticket_state": state, "admin": None, "team": None, "state": "open", "snoozed_until": None, "tags": [],
        "company_id": None, "rating": None, "parts": [], "is_shared": True, "statistics": {"first_admin_reply_at": None},
        "merged_into": None, "is_spam": False, "is_deleted": False, "priority": "none", "title": None,
    }  # fmt: skip


def add_part(record: Json, number: int, part_type: str, author: Json, at: int, body: str | None = None, **more: Any) -> Json:
    """A part at the end of the thread. Plain text becomes a paragraph, as at the vendor."""
    html = None if body is None else sanitised(body if "<" in body else to_html(body))
    part: Json = {
        "id": str(number), "part_type": part_type, "body": html, "created_at": at, "author": author, "state": record["state"],
        "assigned_to": None, "tags": [], "event_details": {}, "app_package_code": None, **more,
    }  # fmt: skip
    record["parts"].append(part)
    record["updated_at"] = at
    if author["type"] == "admin" and author["id"] not in record.setdefault("teammates", []):
        record["teammates"].append(author["id"])
    return part


def contact_spoke(record: Json, at: int) -> str:
    """Count a contact's message; "open" if it opened the thread again, else "comment": the type of its part."""
    reopened = record["state"] != "open"
    record.update(state="open", snoozed_until=None)
    if record["kind"] == "ticket":
        return "comment"
    counts = record["statistics"]
    record.update(read=False, waiting_since=record["waiting_since"] or at)
    counts["count_reopens"] += reopened
    counts["last_contact_reply_at"] = at
    counts["first_contact_reply_at"] = counts["first_contact_reply_at"] or at
    record["first_contact_reply"] = record["first_contact_reply"] or {
        "created_at": at,
        "type": record["source"]["type"],
        "url": None,
    }
    return "open" if reopened else "comment"


def teammate_spoke(record: Json, at: int) -> None:
    """Count a teammate's public message."""
    counts = record["statistics"]
    if record["kind"] == "ticket":
        counts["first_admin_reply_at"] = counts["first_admin_reply_at"] or at
        return
    waited = at - (record["waiting_since"] or at)
    record.update(read=True, waiting_since=None)
    counts["reply_times"].append(waited)
    if counts["first_admin_reply_at"] is None:
        counts["first_admin_reply_at"], counts["time_to_admin_reply"] = at, at - record["created_at"]
    counts["last_admin_reply_at"] = counts["last_assignment_admin_reply_at"] = at
    counts["median_time_to_reply"] = int(median(counts["reply_times"]))


def assigned(record: Json, kind: str, assignee: str, at: int) -> Json:
    """Set teammate or team ("0": nobody); who the part shows as `assigned_to`."""
    nobody = assignee == "0"
    record["admin" if kind == "admin" else "team"] = None if nobody else int(assignee)
    counts = record["statistics"]
    if record["kind"] == "conversation" and not nobody:
        if counts["first_assignment_at"] is None:
            counts["first_assignment_at"], counts["time_to_assignment"] = at, at - record["created_at"]
        counts["last_assignment_at"] = at
        counts["count_assignments"] += 1
    return {"type": "nobody_admin", "id": None} if nobody else {"type": kind, "id": assignee}


def closed(record: Json, by: str, at: int) -> None:
    record.update(state="closed", snoozed_until=None)
    if record["kind"] == "ticket":
        return
    counts, took = record["statistics"], at - record["created_at"]
    record["waiting_since"] = None
    if counts["first_close_at"] is None:
        counts["first_close_at"], counts["time_to_first_close"] = at, took
    counts.update(last_close_at=at, time_to_last_close=took, last_closed_by_id=by)


def opened(record: Json) -> None:
    if record["state"] != "open" and record["kind"] == "conversation":
        record["statistics"]["count_reopens"] += record["state"] == "closed"
    record.update(state="open", snoozed_until=None)


def tagged(record: Json, tag: Json, by: Json, at: int) -> bool:
    """Put the tag on; False if it was there."""
    if any(each["id"] == tag["id"] for each in record["tags"]):
        return False
    reference = {"type": by["type"], "id": by["id"]}
    record["tags"].append({"type": "tag", "id": tag["id"], "name": tag["name"], "applied_at": at, "applied_by": reference})
    record["updated_at"] = at
    return True


def untagged(record: Json, number: str, at: int) -> Json | None:
    """Take the tag off; it, or None if it was not there."""
    found = next((each for each in record["tags"] if each["id"] == number), None)
    if found is not None:
        record["tags"].remove(found)
        record["updated_at"] = at
    return found
