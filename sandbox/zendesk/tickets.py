"""What an update does to a Zendesk ticket: the rules of fields, tags, status and comments, over plain records.

A record: {"ticket": as the API shows it, "comments": [...], "audits": [...], "clock": times for the side-loads}.
Nothing here knows of HTTP, locks or webhooks.
https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#update-ticket
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox import core_text
from sandbox.zendesk.errors import Refused, invalid
from sandbox.zendesk.seed import BRAND_ID, FORM_ID, Row, Tables, url

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("problem", "incident", "question", "task")
CUSTOM_STATUS = {word: 8447320465790 + 20 * place for place, word in enumerate(STATUSES)}
_PLAIN = ("subject", "external_id", "due_at", "problem_id", "organization_id", "brand_id", "ticket_form_id", "recipient")
WRITABLE = {
    *_PLAIN, "id", "status", "priority", "type", "tags", "custom_fields", "fields", "assignee_id", "assignee_email", "group_id",
    "requester_id", "submitter_id", "comment", "metadata", "safe_update", "updated_stamp", "followers", "email_ccs",
    "collaborator_ids", "additional_collaborators", "custom_status_id", "macro_ids", "sharing_agreement_ids",
}  # fmt: skip
# Comment flag 4: the comment was made by a machine.
# https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#comment-flags
AUTO_GENERATED = 4
_TAG = re.compile(r"[^\w\-/:.]+")


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a user's record, the channel, and when. `number` gives new ids."""

    user: Row
    at: datetime
    number: Callable[[], int]
    tables: Tables
    channel: str = "web"
    client: str = "Mozilla/5.0"
    auto_generated: bool = False  # mail that a machine made
    may_write_as: bool = True  # may write comments in other people's names
    audits_name_author: bool = False  # an audit, and its events, are then the comment's author's and not the caller's

    @property
    def stamp(self) -> str:
        return stamp(self.at)

    @property
    def is_agent(self) -> bool:
        return bool(self.user["role"] != "end-user")


def stamp(at: datetime) -> str:
    """Whole seconds, as all of Zendesk's times."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def via(channel: str, **source: Any) -> Row:
    return {"channel": channel, "source": {"from": source.get("from_", {}), "to": source.get("to", {}), "rel": source.get("rel")}}


def tag_list(value: Any) -> list[str]:
    """Tags as stored: lower case, no spaces, each once, sorted as the API gives them."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list):
        raise invalid("tags", "Tags: is invalid")
    return sorted({_TAG.sub("_", str(word).strip().lower()) for word in words if str(word).strip()})


def created(identity: int, wish: Mapping[str, Any], by: By, requester: Row, source: Row, *, inherit_tags: bool = False) -> Row:
    """A new ticket's record, its first comment and audit in it; `wish` has subject, comment, tags and so on."""
    ticket: Row = {
        "url": url("tickets", identity), "id": identity, "external_id": None, "via": source, "created_at": by.stamp,
        "updated_at": by.stamp, "generated_timestamp": int(by.at.timestamp()), "type": None, "subject": wish["subject"],
        "raw_subject": wish["subject"], "description": "", "priority": None, "status": "new",
        "recipient": "support@example.com" if source["channel"] == "email" else None, "requester_id": requester["id"],
        "submitter_id": by.user["id"], "assignee_id": None, "organization_id": requester["organization_id"], "group_id": None,
        "collaborator_ids": [], "follower_ids": [], "email_cc_ids": [], "forum_topic_id": None, "problem_id": None,
        "has_incidents": False, "is_public": True, "due_at": None, "tags": [], "custom_fields": [],
        "satisfaction_rating": {"score": "unoffered"}, "sharing_agreement_ids": [], "custom_status_id": CUSTOM_STATUS["new"],
        "encoded_id": f"SBX{identity:06d}", "fields": [], "followup_ids": [], "ticket_form_id": FORM_ID, "brand_id": BRAND_ID,
        "allow_channelback": False, "allow_attachments": True, "from_messaging_channel": False,
    }  # fmt: skip
    ticket["custom_fields"] = [{"id": row["id"], "value": None} for row in by.tables.custom_fields()]
    record: Row = {"ticket": ticket, "comments": [], "audits": [], "clock": {"reopens": 0, "replies": 0}}
    inherited = inherited_tags(by.tables, requester) if inherit_tags else []
    _set_tags(ticket, sorted({*tag_list(wish.get("tags", [])), *inherited}), by.tables)
    update(
        record, {name: value for name, value in wish.items() if name not in ("subject", "tags")}, by, creating=True, source=source
    )
    ticket["description"] = record["comments"][0]["plain_body"] if record["comments"] else ""
    return record


def inherited_tags(tables: Tables, requester: Row) -> list[str]:
    """Tags of the requester and the organization, which an account may have copied onto new tickets."""
    home = tables.organizations.get(requester["organization_id"] or 0)
    return [*requester["tags"], *(home["tags"] if home else [])]


def update(record: Row, wish: Mapping[str, Any], by: By, *, creating: bool = False, source: Row | None = None) -> Row:
    """Apply one submit: the audit of it (no events where nothing changed). Raises Refused and leaves the record as it was."""
    ticket = record["ticket"]
    if ticket["status"] == "closed":
        raise invalid("status", "Status: closed prevents ticket update")
    after: Row = {**ticket, "custom_fields": [dict(row) for row in ticket["custom_fields"]]}
    _apply_fields(after, wish, by)
    comment = _comment(record, wish["comment"], by, source) if wish.get("comment") else None
    author = comment["author_id"] if comment and by.audits_name_author else by.user["id"]
    _follow(after, wish, by, comment)
    events = [{"id": by.number(), "type": "Comment", **comment}] if comment else []
    events += _events(ticket, after, by.number, creating)
    audit = {**_audit(ticket["id"], events, wish, by, source), "author_id": author}
    if not events:
        return audit
    if comment:
        comment["audit_id"] = audit["id"]
        comment["metadata"] = audit["metadata"]
        record["comments"].append(comment)
    _keep_times(record["clock"], ticket, after, comment, by)
    ticket.update(after, fields=after["custom_fields"], updated_at=by.stamp, generated_timestamp=int(by.at.timestamp()))
    record["audits"].append(audit)
    return audit


def _apply_fields(ticket: Row, wish: Mapping[str, Any], by: By) -> None:
    for name in _PLAIN:
        if name in wish:
            ticket[name] = wish[name]
    ticket["raw_subject"] = ticket["subject"]
    if "requester_id" in wish:
        ticket["requester_id"] = _known(by.tables.users, wish["requester_id"], "requester")
    for name, allowed in (("priority", PRIORITIES), ("type", TYPES)):
        if name in wish:
            ticket[name] = _word(name, wish[name], allowed)
    if "tags" in wish:
        _set_tags(ticket, tag_list(wish["tags"] or []), by.tables)
    for row in wish.get("custom_fields") or wish.get("fields") or ():
        _set_custom(ticket, row, by.tables)
    _assign(ticket, wish, by)
    _set_status(ticket, wish)
    for name, stored in (("followers", "follower_ids"), ("email_ccs", "email_cc_ids")):
        if name in wish:
            ticket[stored] = _people(ticket[stored], wish[name], by.tables)
    ticket["collaborator_ids"] = sorted({*ticket["follower_ids"], *ticket["email_cc_ids"]})


def _word(name: str, value: Any, allowed: tuple[str, ...]) -> str | None:
    if value in (None, "", "-"):
        return None
    if not isinstance(value, str) or value.lower() not in allowed:
        raise invalid(name, f"{name.title()}: {value} is not a valid {name}")
    return value.lower()


def _set_status(ticket: Row, wish: Mapping[str, Any]) -> None:
    before = ticket["status"]
    if "custom_status_id" in wish and "status" not in wish:
        word = next((word for word, identity in CUSTOM_STATUS.items() if identity == wish["custom_status_id"]), None)
        wish = {**wish, "status": word or "unknown"}
    if wish.get("status") is not None:
        status = _word("status", wish["status"], STATUSES) or before
        if status == "new" and before != "new":
            raise invalid("status", "Status: cannot be set back to new")
        ticket["status"] = status
    if ticket["status"] == "new" and ticket["assignee_id"]:
        ticket["status"] = "open"  # somebody has it, so it is not new
    ticket["custom_status_id"] = CUSTOM_STATUS[ticket["status"]]


def _assign(ticket: Row, wish: Mapping[str, Any], by: By) -> None:
    """A group that the assignee is not in takes the assignment off; an assignee brings the own default group along."""
    if "group_id" in wish:
        ticket["group_id"] = _known(by.tables.groups, wish["group_id"], "group")
    if "assignee_email" in wish:
        found = by.tables.user_by_email(wish["assignee_email"] or "")
        wish = {**wish, "assignee_id": found["id"] if found else 0}
    if "assignee_id" not in wish:
        if ticket["assignee_id"] and ticket["group_id"] not in by.tables.groups_of(ticket["assignee_id"]) and "group_id" in wish:
            ticket["assignee_id"] = None
        return
    assignee = _known(by.tables.users, wish["assignee_id"], "assignee")
    if assignee is not None and by.tables.users[assignee]["role"] == "end-user":
        raise invalid("assignee", "Assignee: is not an agent")
    homes = by.tables.groups_of(assignee) if assignee else []
    if assignee is not None and ticket["group_id"] not in homes and homes:
        if "group_id" in wish and ticket["group_id"] is not None:
            raise invalid("assignee", "Assignee: is not a member of the group")
        ticket["group_id"] = homes[0]
    ticket["assignee_id"] = assignee


def _known(rows: Mapping[int, Row], value: Any, name: str) -> int | None:
    if value in (None, ""):
        return None
    if not str(value).isdecimal() or int(value) not in rows:
        raise invalid(name, f"{name.title()}: {value} does not exist")
    return int(value)


def _set_tags(ticket: Row, tags: list[str], tables: Tables) -> None:
    """Dropdown fields own a tag per option: the field follows the tags."""
    ticket["tags"] = tags
    for field in tables.custom_fields():
        if field["type"] == "tagger":
            options = [option["value"] for option in field["custom_field_options"]]
            kept = next((tag for tag in tags if tag in options), None)
            _custom(ticket, field["id"])["value"] = kept


def _set_custom(ticket: Row, wish: Any, tables: Tables) -> None:
    """One custom field; an option that does not exist, or an unknown field, is dropped without a word."""
    if not isinstance(wish, dict) or not str(wish.get("id", "")).isdecimal():
        raise Refused(400, description="You passed an invalid value for the custom_fields attribute. Invalid parameter.")
    field = tables.fields.get(int(wish["id"]))
    if field is None or not field["removable"]:
        return
    row, value = _custom(ticket, field["id"]), wish.get("value")
    if field["type"] == "tagger":
        options = [option["value"] for option in field["custom_field_options"]]
        if value in (None, "") or value in options:
            kept = [tag for tag in ticket["tags"] if tag not in options]
            _set_tags(ticket, sorted([*kept, value] if value else kept), tables)
        return
    row["value"] = None if value == "" else value


def _custom(ticket: Row, identity: int) -> Row:
    row: Row | None = next((row for row in ticket["custom_fields"] if row["id"] == identity), None)
    if row is None:
        row = {"id": identity, "value": None}
        ticket["custom_fields"].append(row)
    return row


def _people(before: list[int], orders: Any, tables: Tables) -> list[int]:
    """followers and email_ccs: [{"user_id" or "user_email", "action": "put" or "delete"}]."""
    people = list(before)
    for order in orders if isinstance(orders, list) else []:
        found = tables.user_by_email(str(order.get("user_email", "")))
        identity = found["id"] if found else int(order.get("user_id") or 0)
        if identity in people and order.get("action") == "delete":
            people.remove(identity)
        elif identity in tables.users and identity not in people and order.get("action", "put") == "put":
            people.append(identity)
    return people


def _comment(record: Row, wish: Any, by: By, source: Row | None) -> Row:
    """The comment as stored. PUBLIC unless told otherwise; html_body wins over body."""
    if isinstance(wish, str):
        wish = {"body": wish}
    author = by.user
    public = _truth(wish.get("public", True))
    if wish.get("author_id") not in (None, by.user["id"]):
        author = by.tables.users[_known(by.tables.users, wish["author_id"], "author") or by.user["id"]]
        if not by.may_write_as or author["suspended"]:
            raise invalid("author", "Author: is invalid")
        public = public and not author["only_private_comments"]  # without a word
    markup = wish.get("html_body")
    body = core_text.to_text(str(markup)) if markup else str(wish.get("body") or "")
    if not body.strip():
        raise invalid("base", "Comment: cannot be blank")
    inner = core_text.sanitised(str(markup)) if markup else core_text.to_html(body)
    return {
        "id": by.number(), "type": "Comment", "author_id": author["id"], "body": body,
        "html_body": f'<div class="zd-comment" dir="auto">{inner}</div>',
        "plain_body": core_text.to_text(inner) if markup else body,
        "public": public, "attachments": [], "audit_id": None, "via": source or via(by.channel),
        "created_at": by.stamp, "metadata": {},
    }  # fmt: skip


def _truth(value: Any) -> bool:
    return value not in (False, "false", 0, "0")


def _follow(ticket: Row, wish: Mapping[str, Any], by: By, comment: Row | None) -> None:
    """A customer's comment reopens the ticket."""
    if comment and not by.is_agent and "status" not in wish and ticket["status"] in ("pending", "hold", "solved"):
        ticket["status"] = "open"
        ticket["custom_status_id"] = CUSTOM_STATUS["open"]


_AUDITED = (
    "subject", "status", "custom_status_id", "priority", "type", "tags", "assignee_id", "group_id", "requester_id",
    "organization_id", "external_id", "due_at", "problem_id", "follower_ids", "email_cc_ids", "brand_id", "ticket_form_id",
)  # fmt: skip


def _events(before: Row, after: Row, number: Callable[[], int], creating: bool) -> list[Row]:
    if creating:
        shown = [(name, after[name]) for name in _AUDITED if after[name] not in (None, [], "")]
        return [{"id": number(), "type": "Create", "value": value, "field_name": name} for name, value in shown]
    pairs: list[tuple[str, Any, Any]] = [(name, before[name], after[name]) for name in _AUDITED]
    old = {row["id"]: row["value"] for row in before["custom_fields"]}
    pairs += [(str(row["id"]), old.get(row["id"]), row["value"]) for row in after["custom_fields"]]
    return [
        {"id": number(), "type": "Change", "value": new, "field_name": name, "previous_value": past}
        for name, past, new in pairs
        if past != new
    ]


def _audit(ticket: int, events: Iterable[Row], wish: Mapping[str, Any], by: By, source: Row | None) -> Row:
    metadata = wish.get("metadata") or {}
    system: Row = {"client": by.client, "ip_address": "192.0.2.10", "location": "Example City", "latitude": 0.0, "longitude": 0.0}
    told: Row = {"system": system, "custom": metadata.get("custom", metadata)}
    if by.auto_generated:
        told |= {"flags": [AUTO_GENERATED], "flags_options": {str(AUTO_GENERATED): {"trusted": False}}, "trusted": False}
    return {
        "id": by.number(), "ticket_id": ticket, "created_at": by.stamp, "author_id": by.user["id"],
        "metadata": told, "events": list(events),
        "via": source or via(by.channel),
    }  # fmt: skip


def _keep_times(clock: Row, before: Row, after: Row, comment: Row | None, by: By) -> None:
    """What the side-loads dates and metric_sets tell."""
    if before["status"] != after["status"]:
        clock["status_updated_at"] = by.stamp
        clock["solved_at"] = by.stamp if after["status"] == "solved" else clock.get("solved_at")
        clock["reopens"] += before["status"] == "solved" and after["status"] in ("new", "open")
    if before["assignee_id"] != after["assignee_id"] and after["assignee_id"]:
        clock["assigned_at"] = by.stamp
        clock.setdefault("initially_assigned_at", by.stamp)
    if comment:
        clock["latest_comment_added_at"] = by.stamp
        clock["requester_updated_at" if not by.is_agent else "assignee_updated_at"] = by.stamp
        if by.is_agent and comment["public"] and after["requester_id"] != by.user["id"]:
            clock["replies"] += 1
            clock.setdefault("first_replied_at", by.stamp)
