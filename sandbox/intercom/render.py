"""Threads in Intercom's shapes: REST by version, webhooks (modern and 1.x), tickets. Pure.

REST and webhooks differ where the vendor's do: times inside `statistics`, the key of `teammates`, `channel`, which parts.
"""

from __future__ import annotations

from typing import Any

from sandbox.core_text import to_text
from sandbox.intercom.people import APP, Directory, company_out
from sandbox.intercom.words import is_at_least, iso, priority_in

Json = dict[str, Any]
MOST_PARTS = 500  # the newest ones; https://developers.intercom.com/docs/references/rest-api (retrieve a conversation)
_CHANNELS = {"email": "email", "conversation": "messenger"}


def conversation(record: Json, people: Directory, version: str, *, parts: bool = True, plaintext: bool = False) -> Json:
    """As REST gives it. Searches leave the parts out."""
    found = {
        **_both(record, people, version),
        "statistics": _statistics(record, lambda seconds: seconds),
        "teammates": {"type": "admin.list", "teammates": _teammates(record)},
        "title": record["title"],
    }
    if is_at_least(version, "2.16"):
        company = people.companies.get(record["company_id"])
        channel = _CHANNELS.get(record["source"]["type"], "messenger")
        found |= {
            "company": company_out(company) if company else None, "sales_agent": None, "sales_agent_participated": False,
            "channel": {"initial": channel, "current": channel}, "external_references": [], "monitor_evaluations": [],
            "scorecards": [],
        }  # fmt: skip
    if parts:
        shown = [part_out(each) for each in record["parts"][-MOST_PARTS:]]
        found["conversation_parts"] = {
            "type": "conversation_part.list", "conversation_parts": shown, "total_count": len(record["parts"]),
        }  # fmt: skip
    return _plain(found) if plaintext else found


def webhook_conversation(record: Json, people: Directory, version: str, part: Json | None) -> Json:
    """As a notification carries it: only the part that triggered it, none for a new conversation."""
    shown = [part_out(part)] if part else []
    return {
        **_both(record, people, version),
        "statistics": _statistics(record, iso),
        "teammates": {"type": "admin.list", "admins": _teammates(record)},
        "title": record["title"] or "",
        "conversation_parts": {
            "type": "conversation_part.list", "conversation_parts": shown, "total_count": len(shown),
        },
    }  # fmt: skip


def legacy_conversation(record: Json, people: Directory, part: Json | None) -> Json:
    """As apps on API 1.x get it. https://developers.intercom.com/docs/references/1.1/webhooks/webhook-models"""
    contact = people.contacts[record["contacts"][0]]
    admin = people.admins.get(str(record["admin"]))
    source = record["source"]
    shown = [{name: value for name, value in part_out(each).items() if name in _LEGACY_PART} for each in ([part] if part else [])]
    return {
        "type": "conversation", "id": record["id"], "created_at": record["created_at"], "updated_at": record["updated_at"],
        "user": {
            "type": contact["role"], "id": contact["id"], "user_id": contact["external_id"], "name": contact["name"],
            "email": contact["email"], "do_not_track": None,
        },
        "assignee": {"type": "admin", "id": admin["id"], "name": admin["name"], "email": admin["email"]}
        if admin
        else {"type": "nobody_admin", "id": None},
        "conversation_message": {
            "type": "conversation_message", "id": source["id"], "url": source["url"], "subject": source["subject"],
            "body": source["body"], "author": {"type": source["author"]["type"], "id": source["author"]["id"]},
            "attachments": [],
        },
        "conversation_parts": {
            "type": "conversation_part.list", "conversation_parts": shown, "total_count": len(shown),
        },
        "open": record["state"] != "closed", "state": record["state"], "snoozed_until": record["snoozed_until"],
        "read": record["read"], "metadata": {}, "tags": {"type": "tag.list", "tags": _brief(record["tags"])},
        "links": {"conversation_web": f"https://app.intercom.io/a/apps/{APP}/conversations/{record['id']}"},
    }  # fmt: skip


_LEGACY_PART = {
    "type", "id", "part_type", "body", "created_at", "updated_at", "notified_at", "assigned_to", "author", "attachments",
    "external_id",
}  # fmt: skip


def ticket(record: Json, people: Directory, *, webhook: bool = False) -> Json:
    """A ticket, always with all of its parts. Its assignees are numbers in REST and texts in webhooks; 0 is nobody."""
    admin, team = record["admin"] or 0, record["team"] or 0
    found: Json = {
        "type": "ticket", "id": record["id"], "ticket_id": record["ticket_id"], "ticket_attributes": dict(record["attributes"]),
        "ticket_state": people.states[record["ticket_state"]], "ticket_type": people.ticket_type,
        "contacts": _contacts(record, people), "admin_assignee_id": str(admin) if webhook else admin,
        "team_assignee_id": str(team) if webhook else team, "created_at": record["created_at"],
        "updated_at": record["updated_at"],
        "ticket_parts": {
            "type": "ticket_part.list", "ticket_parts": [ticket_part(each) for each in record["parts"][-MOST_PARTS:]],
            "total_count": len(record["parts"]),
        },
        "open": record["state"] != "closed", "snoozed_until": record["snoozed_until"], "linked_objects": _LINKED,
        "category": people.ticket_type["category"], "is_shared": record["is_shared"],
    }  # fmt: skip
    if webhook:
        return found | {"company_id": record["company_id"], "channel": "messenger"}
    return found


def part_out(part: Json) -> Json:
    author = part["author"]
    known = {name: author[name] for name in ("type", "id", "name", "email")}
    return {
        "type": "conversation_part", "id": part["id"], "part_type": part["part_type"], "body": part["body"],
        "created_at": part["created_at"], "updated_at": part["created_at"], "notified_at": part["created_at"],
        "assigned_to": part["assigned_to"], "author": {**known, "from_ai_agent": False, "is_ai_answer": False},
        "attachments": [], "external_id": None, "redacted": False, "metadata": {}, "email_message_metadata": None,
        "state": part["state"], "tags": _brief(part["tags"]), "event_details": part["event_details"],
        "app_package_code": part["app_package_code"],
    }  # fmt: skip


def ticket_part(part: Json) -> Json:
    """Keys that have no value are left out."""
    found = {
        "type": "ticket_part", "id": part["id"], "part_type": part["part_type"], "created_at": part["created_at"],
        "updated_at": part["created_at"], "author": part["author"], "attachments": [], "redacted": False,
    }  # fmt: skip
    more = ("body", "assigned_to", "ticket_state", "previous_ticket_state", "updated_attribute_data")
    return found | {name: part[name] for name in more if part.get(name) is not None}


def tag_out(tag: Json) -> Json:
    """A tag on a thread."""
    return {name: tag[name] for name in ("type", "id", "name", "applied_at", "applied_by")}


_LINKED: Json = {"type": "list", "data": [], "total_count": 0, "has_more": False}


def _both(record: Json, people: Directory, version: str) -> Json:
    return {
        "type": "conversation", "id": record["id"], "created_at": record["created_at"], "updated_at": record["updated_at"],
        "waiting_since": record["waiting_since"], "snoozed_until": record["snoozed_until"], "source": dict(record["source"]),
        "contacts": _contacts(record, people), "first_contact_reply": record["first_contact_reply"],
        "admin_assignee_id": record["admin"], "team_assignee_id": record["team"], "open": record["state"] != "closed",
        "state": record["state"], "read": record["read"],
        "tags": {"type": "tag.list", "tags": [tag_out(each) for each in record["tags"]]},
        "priority": priority_in(version, record["priority"]), "sla_applied": None,
        "conversation_rating": record["rating"], "custom_attributes": dict(record["attributes"]),
        "topics": {"type": "topic.list", "topics": [], "total_count": 0}, "ticket": None, "linked_objects": _LINKED,
        "ai_agent": None, "ai_agent_participated": False,
    }  # fmt: skip


def _contacts(record: Json, people: Directory) -> Json:
    listed = [
        {"type": "contact", "id": number, "external_id": people.contacts[number]["external_id"]} for number in record["contacts"]
    ]
    return {"type": "contact.list", "contacts": listed}


def _teammates(record: Json) -> list[Json]:
    return [{"type": "admin", "id": number} for number in record["teammates"]]


def _statistics(record: Json, written: Any) -> Json:
    counts = {name: value for name, value in record["statistics"].items() if name != "reply_times"}
    found = {name: written(value) if name.endswith("_at") else value for name, value in counts.items()}
    return {
        "type": "conversation_statistics", **found, "count_conversation_parts": len(record["parts"]),
        "assigned_team_first_response_time": [], "assigned_team_first_response_time_in_office_hours": [],
        "handling_time": None, "adjusted_handling_time": None,
    }  # fmt: skip


def _brief(tags: list[Json]) -> list[Json]:
    return [{"type": "tag", "id": tag["id"], "name": tag["name"]} for tag in tags]


def _plain(found: Json) -> Json:
    """`display_as=plaintext`: bodies and the subject without markup."""
    source = found["source"]
    found["source"] = {**source, "body": to_text(source["body"]), "subject": to_text(source["subject"])}
    for part in found.get("conversation_parts", {}).get("conversation_parts", []):
        part["body"] = None if part["body"] is None else to_text(part["body"])
    return found
