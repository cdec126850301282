"""Intercom's records beside the threads: teammates, teams, contacts, companies, tags, macros, attributes, ticket types.

Made from the invented world, with the same ids each time. https://developers.intercom.com/docs/references/rest-api
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from sandbox.intercom.words import iso
from sandbox.world import AgentSeed, CompanySeed, MacroSeed, PersonSeed, World

Json = dict[str, Any]
APP = "deskapp1"  # the workspace's id, `app_id` in webhooks
_BORN = 1767603600
_ADMINS, _TEAMS, _TAGS, _STATES, _TYPES, _MACROS = 9_608_800, 9_680_990, 2_525_000, 4_517_890, 2_979_330, 61_000
# What a workspace's macros call things; the second is what stands there if the first is empty.
_PLACEHOLDERS = {
    "requester.first_name": ("user.first_name", "there"),
    "requester.name": ("user.name", "there"),
    "ticket.id": ("conversation.id", ""),
    "ticket.subject": ("conversation.title", ""),
    "agent.name": ("teammate.name", ""),
}
_PLACEHOLDER = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_STATE_LABELS = {
    "submitted": ("Submitted", "Submitted"),
    "in_progress": ("In progress", "In progress"),
    "waiting_on_customer": ("Waiting on customer", "Waiting on you"),
    "resolved": ("Resolved", "Resolved"),
}
OPERATOR = {"type": "bot", "id": str(_ADMINS + 99), "name": "Operator", "email": f"operator+{APP}@intercom.example"}


@dataclass(slots=True)
class Directory:
    """All of it, by id. Callers hold the desk's lock."""

    admins: dict[str, Json] = field(default_factory=dict)
    teams: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    companies: dict[str, Json] = field(default_factory=dict)
    tags: dict[str, Json] = field(default_factory=dict)
    macros: dict[str, Json] = field(default_factory=dict)
    attributes: list[Json] = field(default_factory=list)
    states: dict[str, Json] = field(default_factory=dict)
    ticket_type: Json = field(default_factory=dict)

    def admin_by_email(self, email: str) -> Json:
        """Raises KeyError naming the address."""
        for admin in self.admins.values():
            if admin["email"] == email.lower():
                return admin
        raise KeyError(f"no teammate {email}")

    def team_by_name(self, name: str) -> Json:
        """Raises KeyError naming the team."""
        for team in self.teams.values():
            if team["name"] == name:
                return team
        raise KeyError(f"no team {name}")

    def contact_by_email(self, email: str) -> Json | None:
        return next((each for each in self.contacts.values() if each["email"] == email.lower()), None)

    def add_contact(self, person: PersonSeed, at: int) -> Json:
        place = len(self.contacts) + 1
        domain = person.email.rpartition("@")[2].lower()
        company = next((each for each in self.companies.values() if domain in each["domains"]), None)
        contact = _contact(place, person, company["id"] if company else None, at)
        self.contacts[contact["id"]] = contact
        return contact

    def tag_named(self, name: str) -> Json:
        """The tag with this name, made where there is none; names are compared without case."""
        for tag in self.tags.values():
            if tag["name"].casefold() == name.casefold():
                return tag
        number = str(_TAGS + len(self.tags) + 1)
        self.tags[number] = {"type": "tag", "id": number, "name": name}
        return self.tags[number]

    def state_of(self, category: str) -> Json:
        return next(state for state in self.states.values() if state["category"] == category)

    def add_attribute(self, name: str, data_type: str = "string", options: tuple[str, ...] = ()) -> Json:
        """A conversation attribute; `data_type`: string, integer, decimal, boolean, datetime, list."""
        entry: Json = {
            "type": "conversation_attribute", "id": len(self.attributes) + 1, "name": name, "description": "",
            "data_type": data_type, "required": False, "visible_to_team_ids": [], "archived": False, "created_at": _BORN,
            "updated_at": _BORN, "admin_id": str(_ADMINS + 1),
        }  # fmt: skip
        if data_type == "list":
            entry["options"] = [
                {"id": f"option-{place}", "label": label, "archived": False} for place, label in enumerate(options)
            ]
        self.attributes.append(entry)
        return entry

    def author(self, kind: str, number: str) -> Json:
        """Who wrote, as parts show it: a teammate or a contact."""
        known = self.admins.get(number) if kind == "admin" else self.contacts.get(number)
        name, email = (known["name"], known["email"]) if known else (None, "")
        role = kind if kind == "admin" or not known else known["role"]
        return {"type": role, "id": number, "name": name, "email": email}


def directory(world: World) -> Directory:
    """The records of `world`."""
    made = Directory()
    for place, name in enumerate(world.teams, start=1):
        number = str(_TEAMS + place)
        made.teams[number] = {
            "type": "team", "id": number, "name": name, "admin_ids": [], "assignment_limit": None, "distribution_method": None,
        }  # fmt: skip
    for place, seed in enumerate(world.staff, start=1):
        made.admins[str(_ADMINS + place)] = _admin(place, seed, made)
    for place, company in enumerate(world.companies, start=1):
        entry = _company(place, company)
        made.companies[entry["id"]] = entry
    for person in world.people:
        made.add_contact(person, _BORN)
    for place, macro in enumerate(world.macros, start=1):
        made.macros[str(_MACROS + place)] = _macro(place, macro)
    for place, category in enumerate(_STATE_LABELS, start=1):
        made.states[str(_STATES + place)] = _state(place, category)
    made.ticket_type = _ticket_type()
    for name, kind in (("Issue type", "string"), ("Severity", "string"), ("Escalated", "boolean"), ("Affected users", "integer")):
        made.add_attribute(name, kind)
    made.add_attribute("Churn risk", "list", ("none", "low", "medium", "high", "critical"))
    made.add_attribute("Priority", "list", ("none", "low", "normal", "high", "urgent"))
    return made


def _admin(place: int, seed: AgentSeed, made: Directory) -> Json:
    teams = [team for team in made.teams.values() if team["name"] in seed.teams]
    for team in teams:
        team["admin_ids"].append(_ADMINS + place)
    return {
        "type": "admin", "email": seed.email, "id": str(_ADMINS + place), "name": seed.name, "job_title": None,
        "away_mode_enabled": False, "away_mode_reassign": False, "away_status_reason_id": None, "has_inbox_seat": True,
        "team_ids": [int(team["id"]) for team in teams], "avatar": None,
    }  # fmt: skip


def _company(place: int, seed: CompanySeed) -> Json:
    tags = [{"type": "tag", "id": f"company-tag-{place}-{each}", "name": tag} for each, tag in enumerate(seed.tags)]
    tier = seed.fields.get("tier")
    return {
        "type": "company", "company_id": f"customer-{place}", "id": f"6762f07f1bb69f9f{place:08x}", "app_id": APP,
        "name": seed.name, "remote_created_at": _BORN, "created_at": _BORN, "updated_at": _BORN, "last_request_at": _BORN,
        "monthly_spend": seed.fields.get("mrr", 0), "session_count": 0, "user_count": 1, "size": None,
        "website": f"https://{seed.domains[0]}" if seed.domains else None, "industry": None,
        "tags": {"type": "tag.list", "tags": tags}, "segments": {"type": "segment.list", "segments": []},
        "plan": {"type": "plan", "id": f"plan-{tier}", "name": tier} if tier else {},
        "custom_attributes": dict(seed.fields), "domains": list(seed.domains),
    }  # fmt: skip


def company_out(company: Json) -> Json:
    """As the API gives it: no company carries its e-mail domains at Intercom."""
    return {name: value for name, value in company.items() if name != "domains"}


def _contact(place: int, person: PersonSeed, company: str | None, at: int) -> Json:
    number = f"6762f1261bb69f9f{place:08x}"

    def some(what: str, data: list[Json]) -> Json:
        return {"type": "list", "data": data, "url": f"/contacts/{number}/{what}", "total_count": len(data), "has_more": False}

    companies = [{"type": "company", "id": company, "url": f"/companies/{company}"}] if company else []
    never = dict.fromkeys(
        ("signed_up_at", "last_seen_at", "last_replied_at", "last_contacted_at", "last_email_opened_at", "last_email_clicked_at",
         "browser", "browser_version", "browser_language", "os", "referrer", "utm_campaign", "utm_source")
    )  # fmt: skip
    return {
        "type": "contact", "id": number, "workspace_id": APP, "external_id": f"user-{place}", "role": "user",
        "email": person.email.lower(), "email_domain": person.domain.lower(), "phone": None, "name": person.name,
        "avatar": None, "owner_id": None, "social_profiles": {"type": "list", "data": []}, "has_hard_bounced": False,
        "marked_email_as_spam": False, "unsubscribed_from_emails": False, "created_at": at, "updated_at": at,
        "language_override": person.locale, **never,
        "location": {"type": "location", "country": None, "region": None, "city": None, "country_code": None},
        "custom_attributes": {"job_title": person.title} if person.title else {}, "tags": some("tags", []),
        "notes": some("notes", []), "companies": some("companies", companies),
    }  # fmt: skip


def _macro(place: int, seed: MacroSeed) -> Json:
    def in_html(found: re.Match[str]) -> str:
        key, default = _PLACEHOLDERS.get(found.group(1), (found.group(1), ""))
        return f'<attribute key="{key}"' + (f' default="{default}"' if default else "") + "/>"

    def in_text(found: re.Match[str]) -> str:
        key, default = _PLACEHOLDERS.get(found.group(1), (found.group(1), ""))
        return "{{" + key + (f'|fallback:"{default}"' if default else "") + "}}"

    paragraphs = [html.escape(part, quote=False).replace("\n", "<br>") for part in seed.text.split("\n\n")]
    body = "".join(f"<p>{_PLACEHOLDER.sub(in_html, part)}</p>" for part in paragraphs)
    return {
        "type": "macro", "id": str(_MACROS + place), "name": seed.name, "body": body,
        "body_text": _PLACEHOLDER.sub(in_text, seed.text), "created_at": iso(_BORN), "updated_at": iso(_BORN + place),
        "visible_to": "everyone", "visible_to_team_ids": [], "available_on": ["inbox", "messenger"],
    }  # fmt: skip


def _state(place: int, category: str) -> Json:
    internal, external = _STATE_LABELS[category]
    return {
        "type": "ticket_state", "id": str(_STATES + place), "category": category, "internal_label": internal,
        "external_label": external,
    }  # fmt: skip


def _ticket_type() -> Json:
    def attribute(place: int, name: str, default: bool) -> Json:
        return {
            "type": "ticket_type_attribute", "id": str(8_514_180 + place), "workspace_id": APP, "name": name,
            "description": "", "data_type": "string", "input_options": {"multiline": name == "_default_description_"},
            "order": place, "required_to_create": False, "required_to_create_for_contacts": False,
            "visible_on_create": True, "visible_to_contacts": True, "default": default, "ticket_type_id": _TYPES,
            "archived": False, "created_at": _BORN, "updated_at": _BORN,
        }  # fmt: skip

    names = ("_default_title_", "_default_description_", "Severity", "Issue type", "Priority")
    return {
        "type": "ticket_type", "id": str(_TYPES), "name": "Tickets", "description": "Requests that take longer", "icon": "🎟",
        "workspace_id": APP, "archived": False, "created_at": _BORN, "updated_at": _BORN, "is_internal": False,
        "ticket_type_attributes": {
            "type": "list",
            "data": [attribute(place, name, name.startswith("_")) for place, name in enumerate(names)],
        },
        "category": "Customer",
    }  # fmt: skip
