"""Webhooks of Freshdesk's automation rules: one rule for new tickets, one for updates.

The vendor names no event id, no time and no actor, and renders labels, not numbers. Simple content is wrapped in
`freshdesk_webhook`; advanced content is the administrator's own template, filled without any escaping, so a quote in a
subject breaks its JSON. https://support.freshdesk.com/support/solutions/articles/132589
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.freshdesk.people import Directory
from sandbox.freshdesk.tickets import Changes
from sandbox.freshdesk.words import PRIORITY_LABELS, SOURCES, STATUS_LABELS

Json = dict[str, Any]
Performer = Literal["agent", "requester", "system"]
ADVANCED = """{"ticket_id": "{{ticket.id}}", "subject": "{{ticket.subject}}", "status": "{{ticket.status}}",
 "priority": "{{ticket.priority}}", "tags": "{{ticket.tags}}", "requester_email": "{{ticket.requester.email}}",
 "event": "{{triggered_event}}"}"""
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
# Changes that have an event of their own in a rule; any other change is "ticket is updated".
_NAMED = {
    "status": "status",
    "priority": "priority",
    "group_id": "group_id",
    "responder_id": "responder_id",
    "type": "ticket_type",
}


@dataclass(slots=True)
class Automation:
    """How the account's two rules are set.

    `content`: what the webhook sends. `template`: the advanced content. `header`: the custom header with the secret.
    `performed_by`: whose updates fire. `except_agents`: e-mail addresses of agents left out of "performed by": without
    Deskhand's own user there, its writes come back as webhooks, which is the hard case and the default.
    """

    content: Literal["simple", "advanced"] = "simple"
    template: str = ADVANCED
    header: str = "X-Deskhand-Secret"
    performed_by: frozenset[str] = frozenset({"agent", "requester", "system"})
    except_agents: frozenset[str] = frozenset()

    def fires(self, performer: Performer, email: str) -> bool:
        return performer in self.performed_by and not (performer == "agent" and email in self.except_agents)

    def body(self, record: Json, people: Directory, triggered: str, base: str) -> bytes:
        if self.content == "simple":
            return json.dumps({"freshdesk_webhook": labels(record, people, triggered, base)}, ensure_ascii=False).encode()
        values = placeholders(labels(record, people, triggered, base), record)
        return _PLACEHOLDER.sub(lambda found: values.get(found.group(1), ""), self.template).encode()


def event_of(changes: Changes) -> str:
    """`{status:{from:2,to:4}}`: looks like JSON and is not. Changes without an event of their own: `{ticket_action:update}`."""
    named = [
        f"{_NAMED[name]}:{{from:{_plain(before)},to:{_plain(after)}}}"
        for name, (before, after) in changes.items()
        if name in _NAMED
    ]
    return "{" + (",".join(named) or "ticket_action:update") + "}"


def labels(record: Json, people: Directory, triggered: str, base: str) -> Json:
    """The values of simple content with every box ticked."""
    ticket = record["ticket"]
    name, email = people.name_of(ticket["requester_id"])
    agent_name, agent_email = people.name_of(ticket["responder_id"])
    url = f"{base}/a/tickets/{ticket['id']}"
    return {
        "ticket_id": ticket["id"],
        "ticket_url": url,
        "ticket_portal_url": f"{base}/support/tickets/{ticket['id']}",
        "ticket_subject": ticket["subject"],
        "ticket_description": ticket["description"],
        "ticket_status": STATUS_LABELS.get(ticket["status"], ""),
        "ticket_priority": PRIORITY_LABELS[ticket["priority"]],
        "ticket_source": SOURCES.get(ticket["source"], ""),
        "ticket_type": ticket["type"] or "",
        "ticket_tags": ", ".join(ticket["tags"]),
        "ticket_due_by_time": ticket["due_by"] or "",
        "ticket_requester_name": name,
        "ticket_requester_email": email,
        "ticket_requester_phone": "",
        "ticket_agent_name": agent_name,
        "ticket_agent_email": agent_email,
        "ticket_group_name": people.groups[ticket["group_id"]]["name"] if ticket["group_id"] else "",
        "ticket_company_name": people.companies[ticket["company_id"]]["name"] if ticket["company_id"] else "",
        "ticket_product_name": "",
        "ticket_latest_public_comment": _latest_public(record, people),
        "triggered_event": triggered,
    }


def placeholders(simple: Json, record: Json) -> dict[str, str]:
    """The same values under the names that a template uses."""
    values = {"triggered_event": str(simple["triggered_event"])}
    for name, value in simple.items():
        if name.startswith("ticket_"):
            values["ticket." + name.removeprefix("ticket_")] = str(value)
    for who in ("requester", "agent"):
        for what in ("name", "email"):
            values[f"ticket.{who}.{what}"] = str(simple[f"ticket_{who}_{what}"])
    values |= {"ticket.group.name": simple["ticket_group_name"], "ticket.company.name": simple["ticket_company_name"]}
    values |= {"ticket.ticket_type": simple["ticket_type"], "ticket.description_text": record["ticket"]["description_text"]}
    for name, value in record["ticket"]["custom_fields"].items():
        text = "" if value is None else str(value)
        values |= {f"ticket.{name}": text, f"ticket.custom_fields.{name}": text}
    return values


def _latest_public(record: Json, people: Directory) -> str:
    public = [each for each in record["conversations"] if not each["private"]]
    return f"{people.name_of(public[-1]['user_id'])[0]} : {public[-1]['body']}" if public else ""


def _plain(value: Any) -> str:
    return "" if value is None else str(value)
