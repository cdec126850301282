"""Freshdesk's records beside the tickets: agents, groups, contacts, companies, canned responses, ticket fields.

Made from the invented world, with the same ids each time. Agents and contacts share one range of ids, as at the vendor.
https://developers.freshdesk.com/api/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.core_text import renamed, to_html
from sandbox.freshdesk.words import PRIORITY, SOURCES, STATUS, STATUS_LABELS
from sandbox.world import AgentSeed, CompanySeed, MacroSeed, PersonSeed, World

Json = dict[str, Any]

_PEOPLE, _GROUPS, _COMPANIES, _FOLDERS, _RESPONSES, _FIELDS, _SCENARIOS = (82_000_000_000 + n * 100_000 for n in range(7))
_BORN = "2026-01-05T09:00:00Z"
# Freshdesk names time zones as Rails does.
_ZONES = {
    "Europe/London": "London",
    "Europe/Berlin": "Berlin",
    "Europe/Paris": "Paris",
    "Europe/Madrid": "Madrid",
    "America/New_York": "Eastern Time (US & Canada)",
    "America/Chicago": "Central Time (US & Canada)",
    "Asia/Tokyo": "Tokyo",
    "Australia/Sydney": "Sydney",
}
_ACCOUNT_TIERS = {"enterprise": "Enterprise", "professional": "Premium", "standard": "Basic"}
_PLACEHOLDERS = {
    "requester.first_name": "ticket.requester.firstname",
    "requester.name": "ticket.requester.name",
    "agent.name": "ticket.agent.name",
}


@dataclass(slots=True)
class Directory:
    """All of it, by id. Callers hold the desk's lock."""

    agents: dict[int, Json] = field(default_factory=dict)
    groups: dict[int, Json] = field(default_factory=dict)
    contacts: dict[int, Json] = field(default_factory=dict)
    companies: dict[int, Json] = field(default_factory=dict)
    folders: dict[int, Json] = field(default_factory=dict)
    responses: dict[int, Json] = field(default_factory=dict)
    fields: list[Json] = field(default_factory=list)
    scenarios: dict[int, Json] = field(default_factory=dict)

    def agent_by_email(self, email: str) -> Json:
        """Raises KeyError naming the address."""
        for agent in self.agents.values():
            if agent["contact"]["email"] == email.lower():
                return agent
        raise KeyError(f"no agent {email}")

    def contact_by_email(self, email: str) -> Json | None:
        return next((contact for contact in self.contacts.values() if contact["email"] == email.lower()), None)

    def group_by_name(self, name: str) -> Json:
        """Raises KeyError naming the group."""
        for group in self.groups.values():
            if group["name"] == name:
                return group
        raise KeyError(f"no group {name}")

    def company_for(self, email: str) -> Json | None:
        domain = email.rpartition("@")[2].lower()
        return next((company for company in self.companies.values() if domain in company["domains"]), None)

    def add_contact(self, person: PersonSeed, at: str) -> Json:
        company = self.company_for(person.email)
        contact = _contact(_PEOPLE + 1000 + len(self.contacts), person, company["id"] if company else None, at)
        self.contacts[contact["id"]] = contact
        return contact

    def name_of(self, user: int | None) -> tuple[str, str]:
        """Name and e-mail address of an agent or contact; empty where there is none."""
        if user in self.agents:
            contact = self.agents[user]["contact"]
            return contact["name"], contact["email"]
        if user in self.contacts:
            return self.contacts[user]["name"], self.contacts[user]["email"]
        return "", ""

    def custom_field(self, name: str) -> Json | None:
        return next((each for each in self.fields if each["name"] == name and not each["default"]), None)

    def add_field(self, name: str, kind: str, choices: tuple[str, ...] = (), required_for_closure: bool = False) -> None:
        """A custom ticket field `cf_...`; `kind`: text, paragraph, number, decimal, checkbox, date, dropdown."""
        number = _FIELDS + len(self.fields) + 1
        label = name.removeprefix("cf_").replace("_", " ").capitalize()
        entry = _ticket_field(number, len(self.fields) + 1, name, label, f"custom_{kind}", default=False)
        entry["required_for_closure"] = required_for_closure
        if kind == "dropdown":
            entry["choices"] = list(choices)
        self.fields.append(entry)


def directory(world: World) -> Directory:
    """The records of `world`."""
    made = Directory()
    for place, name in enumerate(world.teams, start=1):
        made.groups[_GROUPS + place] = _group(_GROUPS + place, name)
    for place, company in enumerate(world.companies, start=1):
        made.companies[_COMPANIES + place] = _company(_COMPANIES + place, company)
    for place, seed in enumerate(world.staff, start=1):
        groups = [group for group in made.groups.values() if group["name"] in seed.teams]
        for group in groups:
            group["agent_ids"].append(_PEOPLE + place)
        made.agents[_PEOPLE + place] = _agent(_PEOPLE + place, seed, [group["id"] for group in groups])
    for person in world.people:
        made.add_contact(person, _BORN)
    _add_responses(made, world.macros)
    _add_fields(made)
    return made


def _group(number: int, name: str) -> Json:
    return {
        "id": number, "name": name, "description": None, "escalate_to": None, "unassigned_for": None,
        "business_hour_id": None, "group_type": "support_agent_group", "agent_ids": [], "auto_ticket_assign": 0,
        "created_at": _BORN, "updated_at": _BORN,
    }  # fmt: skip


def _company(number: int, seed: CompanySeed) -> Json:
    renewal = seed.fields.get("renewal_at")
    return {
        "id": number, "name": seed.name, "description": None, "note": None, "domains": list(seed.domains),
        "health_score": None, "account_tier": _ACCOUNT_TIERS.get(str(seed.fields.get("tier"))), "industry": None,
        "renewal_date": f"{renewal}T00:00:00Z" if renewal else None,
        "custom_fields": {name: seed.fields.get(name) for name in ("tier", "arr", "mrr", "renewal_at", "csm")},
        "created_at": _BORN, "updated_at": _BORN,
    }  # fmt: skip


def _agent(number: int, seed: AgentSeed, groups: list[int]) -> Json:
    contact = {
        "active": True, "email": seed.email, "job_title": None, "language": "en", "last_login_at": _BORN, "mobile": None,
        "name": seed.name, "phone": None, "time_zone": "London", "created_at": _BORN, "updated_at": _BORN,
    }  # fmt: skip
    return {
        "id": number, "available": True, "occasional": False, "ticket_scope": 1, "type": "support_agent",
        "signature": None, "group_ids": groups, "role_ids": [1], "skill_ids": [], "deactivated": False, "focus_mode": True,
        "contact": contact, "last_active_at": _BORN, "created_at": _BORN, "updated_at": _BORN,
    }  # fmt: skip


def _contact(number: int, person: PersonSeed, company: int | None, at: str) -> Json:
    return {
        "id": number, "name": person.name, "email": person.email.lower(), "active": True, "address": None,
        "description": None, "job_title": person.title or None, "language": person.locale, "mobile": None, "phone": None,
        "time_zone": _ZONES.get(person.timezone, "London"), "company_id": company, "view_all_tickets": False,
        "other_companies": [], "other_emails": [], "tags": [], "custom_fields": {}, "twitter_id": None,
        "unique_external_id": None, "avatar": None, "created_at": at, "updated_at": at,
    }  # fmt: skip


def _add_responses(made: Directory, macros: tuple[MacroSeed, ...]) -> None:
    folder = {"id": _FOLDERS + 1, "name": "Support", "personal": False, "responses_count": len(macros)}
    made.folders[_FOLDERS + 1] = {**folder, "created_at": _BORN, "updated_at": _BORN}
    for place, macro in enumerate(macros, start=1):
        text = renamed(macro.text, _PLACEHOLDERS)
        made.responses[_RESPONSES + place] = {
            "id": _RESPONSES + place, "title": macro.name, "folder_id": _FOLDERS + 1, "content": text,
            "content_html": to_html(text), "attachments": [], "created_at": _BORN, "updated_at": _BORN,
        }  # fmt: skip
        if actions := _actions(made, macro):
            number = _SCENARIOS + place
            made.scenarios[number] = {
                "id": number, "name": macro.name, "description": None, "actions": actions,
                "created_at": _BORN, "updated_at": _BORN,
            }  # fmt: skip


def _actions(made: Directory, macro: MacroSeed) -> list[Json]:
    """What running the scenario would set."""
    actions: list[Json] = []
    if macro.priority:
        actions.append({"name": "priority", "value": PRIORITY[macro.priority]})
    if macro.status:
        actions.append({"name": "status", "value": STATUS[macro.status]})
    if macro.team:
        actions.append({"name": "group_id", "value": made.group_by_name(macro.team)["id"]})
    if macro.tags:
        actions.append({"name": "add_tag", "value": ",".join(macro.tags)})
    return actions


def _add_fields(made: Directory) -> None:
    defaults: list[tuple[str, str, str, Any]] = [
        ("requester", "Search a requester", "default_requester", None),
        ("subject", "Subject", "default_subject", None),
        ("ticket_type", "Type", "default_ticket_type", ["Question", "Incident", "Problem", "Feature Request", "Refund"]),
        ("source", "Source", "default_source", {label: number for number, label in SOURCES.items()}),
        ("status", "Status", "default_status", {str(key): [label, label] for key, label in STATUS_LABELS.items()}),
        ("priority", "Priority", "default_priority", {"Low": 1, "Medium": 2, "High": 3, "Urgent": 4}),
        ("group", "Group", "default_group", {group["name"]: number for number, group in made.groups.items()}),
        ("agent", "Agent", "default_agent", {made.name_of(number)[0]: number for number in made.agents}),
        ("description", "Description", "default_description", None),
        ("company", "Company", "default_company", None),
    ]
    for place, (name, label, kind, choices) in enumerate(defaults, start=1):
        entry = _ticket_field(_FIELDS + place, place, name, label, kind, default=True)
        if choices is not None:
            entry["choices"] = choices
        made.fields.append(entry)
    made.add_field("cf_issue_type", "text")
    made.add_field("cf_severity", "dropdown", ("p1", "p2", "p3", "p4"))
    made.add_field("cf_sentiment", "text")
    made.add_field("cf_churn_risk", "dropdown", ("none", "low", "medium", "high", "critical"))
    made.add_field("cf_escalated", "checkbox")
    made.add_field("cf_affected_users", "number")
    made.add_field("cf_follow_up_on", "date")
    made.add_field("cf_order_number", "text")


def _ticket_field(number: int, position: int, name: str, label: str, kind: str, *, default: bool) -> Json:
    return {
        "id": number, "name": name, "label": label, "label_for_customers": label, "position": position, "type": kind,
        "default": default, "customers_can_edit": False, "required_for_closure": False, "required_for_agents": False,
        "required_for_customers": False, "displayed_to_customers": True, "created_at": _BORN, "updated_at": _BORN,
    }  # fmt: skip
