"""A Freshdesk ticket as it is stored, and what each write does to it.

A record is {"ticket": the vendor's ticket, "conversations": [...], "ratings": [...], "merged_into": id or None}, all plain
JSON. The functions here change records and know nothing of HTTP, webhooks or people's rights.
"""

from __future__ import annotations

import copy
from datetime import datetime, timedelta
from typing import Any

from sandbox.core_text import sanitised, to_text
from sandbox.freshdesk.words import CLOSED, FROM_NOTE, FROM_REPLY, OPEN, PENDING, RESOLVED, stamp

Json = dict[str, Any]
Changes = dict[str, list[Any]]
_STATS = (
    "agent_responded_at", "requester_responded_at", "first_responded_at", "status_updated_at", "reopened_at", "resolved_at",
    "closed_at", "pending_since",
)  # fmt: skip
# Fields that a PUT may set as they are; tags and custom_fields are apart.
PLAIN_FIELDS = (
    "subject", "type", "status", "priority", "source", "responder_id", "group_id", "company_id", "product_id", "requester_id",
    "email_config_id", "due_by", "fr_due_by", "cc_emails",
)  # fmt: skip


def new_record(number: int, fields: Json, custom_fields: Json, at: datetime) -> Json:
    """A record with the vendor's defaults, changed by `fields`. `description` is HTML."""
    now = stamp(at)
    description = sanitised(fields.get("description", ""))
    ticket: Json = {
        "cc_emails": [], "fwd_emails": [], "reply_cc_emails": [], "ticket_cc_emails": [], "ticket_bcc_emails": [],
        "fr_escalated": False, "spam": False, "email_config_id": None, "group_id": None, "priority": 1,
        "requester_id": None, "responder_id": None, "source": 2, "company_id": None, "status": OPEN, "subject": "",
        "association_type": None, "support_email": None, "to_emails": None, "product_id": None, "id": number,
        "type": None, "due_by": stamp(at + timedelta(days=3)), "fr_due_by": stamp(at + timedelta(days=1)),
        "nr_due_by": None, "nr_escalated": False, "is_escalated": False, "description": "", "description_text": "",
        "custom_fields": copy.deepcopy(custom_fields), "created_at": now, "updated_at": now, "tags": [],
        "attachments": [], "sentiment_score": None, "initial_sentiment_score": None,
    }  # fmt: skip
    ticket.update({name: fields[name] for name in PLAIN_FIELDS if name in fields})
    ticket["custom_fields"].update(fields.get("custom_fields", {}))
    ticket["tags"] = unique(fields.get("tags", []))
    ticket["reply_cc_emails"] = ticket["ticket_cc_emails"] = list(ticket["cc_emails"])
    ticket.update(description=description, description_text=to_text(description), deleted=False)
    stats: Json = dict.fromkeys(_STATS)
    return {
        "ticket": ticket,
        "stats": {**stats, "status_updated_at": now},
        "conversations": [],
        "ratings": [],
        "merged_into": None,
        "merge_primary": False,
    }


def update(record: Json, fields: Json, at: datetime) -> Changes:
    """Set what differs; the changes as field -> [before, after], custom fields by their `cf_` name.

    `tags` replaces the whole list; `custom_fields` merges by key. A write that changes nothing leaves `updated_at`.
    """
    ticket = record["ticket"]
    changes: Changes = {}
    wanted = {name: fields[name] for name in PLAIN_FIELDS if name in fields}
    if "description" in fields:
        wanted["description"] = sanitised(fields["description"])
    if "tags" in fields:
        wanted["tags"] = unique(fields["tags"])
    for name, value in wanted.items():
        _set(ticket, name, value, changes)
    for name, value in fields.get("custom_fields", {}).items():
        _set(ticket["custom_fields"], name, value, changes)
    if "description" in changes:
        ticket["description_text"] = to_text(ticket["description"])
    if "status" in changes:
        _count_status(record, changes["status"][0], at)
    if changes:
        ticket["updated_at"] = stamp(at)
    return changes


def add_conversation(
    record: Json,
    *,
    number: int,
    body: str,
    user: int,
    at: datetime,
    private: bool,
    incoming: bool,
    note: bool,
    support_email: str | None = None,
    auto_response: bool = False,
    to_emails: list[str] | None = None,
) -> Json:
    """A reply (`note` False) or note at the end of the thread."""
    now, html = stamp(at), sanitised(body)
    conversation: Json = {
        "body": html, "body_text": to_text(html), "id": number, "incoming": incoming, "private": private, "user_id": user,
        "support_email": support_email, "source": FROM_NOTE if note else FROM_REPLY, "category": 2 if note else 3,
        "to_emails": list(to_emails or ()), "from_email": support_email, "cc_emails": [], "bcc_emails": [],
        "email_failure_count": None, "outgoing_failures": None, "auto_response": auto_response, "automation_id": None,
        "created_at": now, "updated_at": now, "last_edited_at": None, "last_edited_user_id": None, "attachments": [],
        "ticket_id": record["ticket"]["id"], "source_additional_info": None,
    }  # fmt: skip
    record["conversations"].append(conversation)
    record["ticket"]["updated_at"] = now
    stats = record["stats"]
    if incoming and not private:
        stats["requester_responded_at"] = now
    elif not private:
        stats["agent_responded_at"] = now
        stats["first_responded_at"] = stats["first_responded_at"] or now
    return conversation


def copied_in(record: Json, cc: list[str]) -> None:
    """Who was in copy of a reply stays in copy of the ticket, and is offered for the next reply."""
    if cc:
        ticket = record["ticket"]
        ticket.update(cc_emails=unique([*ticket["cc_emails"], *cc]), reply_cc_emails=list(cc))


def edited(body: str) -> Json:
    """The keys of a note whose body is now this."""
    html = sanitised(body)
    return {"body": html, "body_text": to_text(html)}


def unique(tags: list[str]) -> list[str]:
    """The list without repeats; Freshdesk compares tags without case and keeps the first spelling."""
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(tag.strip().casefold(), tag.strip())
    return list(kept.values())


def _set(holder: Json, name: str, value: Any, changes: Changes) -> None:
    if holder.get(name) != value:
        changes[name] = [holder.get(name), value]
        holder[name] = value


def _count_status(record: Json, before: int, at: datetime) -> None:
    now, stats, status = stamp(at), record["stats"], record["ticket"]["status"]
    stats["status_updated_at"] = now
    if before in (RESOLVED, CLOSED) and status not in (RESOLVED, CLOSED):
        stats.update(reopened_at=now, resolved_at=None, closed_at=None)
    if status in (RESOLVED, CLOSED):
        stats["resolved_at"] = stats["resolved_at"] or now
    if status == CLOSED:
        stats["closed_at"] = now
    stats["pending_since"] = now if status == PENDING else None
