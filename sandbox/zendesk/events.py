"""Zendesk's webhook bodies: an envelope for each change of one submit, or one trigger body.

One submit with status, tags and comment is several deliveries that share `meta.sequence.id`. In the envelope ids are
strings and enum words upper case, unlike REST.
https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from sandbox.zendesk.seed import ACCOUNT_ID, Row, Tables

VERSION = "2022-11-06"
_TOPICS = {
    "status": "status_changed",
    "custom_status_id": "custom_status_changed",
    "priority": "priority_changed",
    "type": "type_changed",
    "tags": "tags_changed",
    "assignee_id": "agent_assignment_changed",
    "group_id": "group_assignment_changed",
    "requester_id": "requester_changed",
    "organization_id": "organization_changed",
    "subject": "subject_changed",
    "external_id": "external_id_changed",
    "due_at": "task_due_at_changed",
    "problem_id": "problem_link_changed",
    "follower_ids": "followers_changed",
    "email_cc_ids": "email_ccs_changed",
    "brand_id": "brand_changed",
    "ticket_form_id": "form_changed",
}
_CHANNELS = {"api": "web_service", "email": "mail", "web": "web_form"}


def envelopes(
    record: Row, audit: Row, tables: Tables, at: datetime, random: Random, *, topic: str = "", event: Row | None = None
) -> Iterator[tuple[str, Row]]:
    """(topic, envelope) for each change in the audit; `topic` alone for what is no field's change (created, merged, ...)."""
    said = [(topic, event or {})] if topic else []
    if topic != "created":
        said += list(_changes(audit, record, tables))
    sequence = _uuid(random)
    for position, (name, body) in enumerate(said, start=1):
        yield (
            f"zen:event-type:ticket.{name}",
            {
                "account_id": ACCOUNT_ID,
                "detail": detail(record, audit["author_id"]),
                "event": {**body, "meta": {"sequence": {"id": sequence, "position": position}}},
                "id": _uuid(random),
                "subject": f"zen:ticket:{record['ticket']['id']}",
                "time": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond:06d}001Z",
                "type": f"zen:event-type:ticket.{name}",
                "zendesk_event_version": VERSION,
            },
        )


def _changes(audit: Row, record: Row, tables: Tables) -> Iterator[tuple[str, Row]]:
    for event in audit["events"]:
        if event["type"] == "Comment":
            yield "comment_added", {"comment": _comment(event, tables)}
        elif event["field_name"] == "tags":
            old, new = set(event["previous_value"] or []), set(event["value"] or [])
            yield "tags_changed", {"tags_added": sorted(new - old), "tags_removed": sorted(old - new)}
        elif event["field_name"] == "custom_status_id":
            continue  # told by status_changed while the account has no statuses of its own
        elif event["field_name"] in _TOPICS:
            current, previous = _said(event["field_name"], event["value"]), _said(event["field_name"], event["previous_value"])
            yield _TOPICS[event["field_name"]], {"current": current, "previous": previous}
        else:
            field = {"id": event["field_name"]}
            yield "custom_field_changed", {"field": field, "current": event["value"], "previous": event["previous_value"]}


def _said(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [str(each) for each in value]
    if name in ("status", "priority", "type"):
        return str(value).upper() if value else None
    return value if value is None else str(value)


def _comment(event: Row, tables: Tables) -> Row:
    author = tables.users[event["author_id"]]
    who = {"id": str(author["id"]), "is_staff": author["role"] != "end-user", "name": author["name"]}
    return {"id": str(event["id"]), "body": event["body"], "is_public": event["public"], "author": who}


def detail(record: Row, actor: int) -> Row:
    """The ticket as the envelope shows it."""
    ticket = record["ticket"]
    channel = ticket["via"]["channel"]
    texts = ("assignee_id", "brand_id", "group_id", "organization_id", "requester_id", "submitter_id")
    return {
        "actor_id": str(actor),
        **{name: _said(name, ticket[name]) for name in texts},
        **{name: _said(name, ticket[name]) for name in ("status", "priority", "type")},
        "created_at": ticket["created_at"],
        "custom_status": str(ticket["custom_status_id"]),
        "description": ticket["description"],
        "external_id": ticket["external_id"] or "",
        "form_id": str(ticket["ticket_form_id"]),
        "id": str(ticket["id"]),
        "is_public": ticket["is_public"],
        "subject": ticket["subject"],
        "tags": list(ticket["tags"]),
        "updated_at": ticket["updated_at"],
        "via": {"channel": _CHANNELS.get(channel, channel)},
    }


def trigger_body(record: Row, actor: int, event: str) -> bytes:
    """What the recommended trigger's template gives: ids only, so that no customer's quote breaks the JSON."""
    ticket = record["ticket"]
    return json.dumps(
        {"ticket_id": str(ticket["id"]), "updated_at": ticket["updated_at"], "current_user": str(actor), "event": event}
    ).encode()


def _uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
