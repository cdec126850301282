"""The world in Zendesk's records: users, organizations, groups, memberships, macros, ticket fields, with fixed ids."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox import core_text
from sandbox.world import AgentSeed, CompanySeed, MacroSeed, PersonSeed, World

Row = dict[str, Any]
SEEDED_AT = "2025-01-08T10:12:07Z"
ACCOUNT_ID = 22129848
BRAND_ID = 8447346621310
FORM_ID = 8646151517822
_LOCALES = {"en": "en-US", "de": "de", "fr": "fr", "es": "es", "pt": "pt-BR"}
_PLACEHOLDERS = {
    "requester.first_name": "ticket.requester.first_name",
    "requester.name": "ticket.requester.name",
    "ticket.subject": "ticket.title",
    "agent.name": "current_user.name",
}
_SEVERITIES = ("p1", "p2", "p3", "p4")
_SYSTEM_FIELDS = ("subject", "description", "status", "tickettype", "priority", "group", "assignee")


@dataclass(slots=True)
class Tables:
    """Everything but tickets, by id."""

    users: dict[int, Row] = field(default_factory=dict)
    organizations: dict[int, Row] = field(default_factory=dict)
    groups: dict[int, Row] = field(default_factory=dict)
    memberships: list[Row] = field(default_factory=list)
    macros: dict[int, Row] = field(default_factory=dict)
    fields: dict[int, Row] = field(default_factory=dict)

    def user_by_email(self, email: str) -> Row | None:
        return next((user for user in self.users.values() if user["email"] == email.lower()), None)

    def group_by_name(self, name: str) -> Row | None:
        return next((group for group in self.groups.values() if group["name"] == name), None)

    def groups_of(self, user_id: int) -> list[int]:
        return [row["group_id"] for row in self.memberships if row["user_id"] == user_id]

    def custom_fields(self) -> list[Row]:
        return [row for row in self.fields.values() if row["removable"]]


def tables(world: World) -> Tables:
    """The records of `world`; the same ids each time."""
    made = Tables()
    for place, name in enumerate(world.teams):
        made.groups[_id("group", place)] = group(_id("group", place), name)
    for place, company in enumerate(world.companies):
        made.organizations[_id("organization", place)] = organization(_id("organization", place), company)
    for place, agent in enumerate(world.staff):
        _add_agent(made, _id("agent", place), agent)
    for place, person in enumerate(world.people):
        add_person(made, _id("person", place), person, world)
    for place, seed in enumerate(world.macros):
        made.macros[_id("macro", place)] = macro(made, _id("macro", place), place, seed)
    for row in _ticket_fields():
        made.fields[row["id"]] = row
    return made


_BASES = {
    "group": 8447320460430,
    "organization": 8447346622462,
    "agent": 8447388090494,
    "person": 8447399100210,
    "macro": 8647111062754,
    "field": 8646151520010,
    "custom": 8646151530070,
    "membership": 8447320990110,
}


def _id(kind: str, place: int) -> int:
    """13 digits, as in real accounts; a step of 20 as ids are never neighbours there."""
    return _BASES[kind] + 20 * place


def url(kind: str, identity: int) -> str:
    return f"https://sandbox.zendesk.com/api/v2/{kind}/{identity}.json"


def group(identity: int, name: str) -> Row:
    return {
        "url": url("groups", identity), "id": identity, "is_public": True, "name": name, "description": "", "default": False,
        "deleted": False, "created_at": SEEDED_AT, "updated_at": SEEDED_AT,
    }  # fmt: skip


def organization(identity: int, company: CompanySeed) -> Row:
    fields: Row = {name: company.fields.get(name) for name in ("tier", "arr", "mrr", "renewal_at", "csm")}
    if fields["renewal_at"]:
        fields["renewal_at"] = f"{fields['renewal_at']}T00:00:00+00:00"  # how date fields read over there
    return {
        "url": url("organizations", identity), "id": identity, "name": company.name, "shared_tickets": False,
        "shared_comments": False, "external_id": None, "created_at": SEEDED_AT, "updated_at": SEEDED_AT,
        "domain_names": list(company.domains), "details": "", "notes": "", "group_id": None, "tags": list(company.tags),
        "organization_fields": fields,
    }  # fmt: skip


def user(identity: int, name: str, email: str, **other: Any) -> Row:
    return {
        "id": identity, "url": url("users", identity), "name": name, "email": email, "created_at": SEEDED_AT,
        "updated_at": SEEDED_AT, "time_zone": "London", "iana_time_zone": "Etc/UTC", "phone": None, "shared_phone_number": None,
        "photo": None, "locale_id": 1, "locale": "en-US", "organization_id": None, "role": "end-user", "verified": True,
        "external_id": None, "tags": [], "alias": "", "active": True, "shared": False, "shared_agent": False,
        "last_login_at": None, "two_factor_auth_enabled": None, "signature": None, "details": "", "notes": "",
        "role_type": None, "custom_role_id": None, "moderator": False, "ticket_restriction": "requested",
        "only_private_comments": False, "restricted_agent": True, "suspended": False, "default_group_id": None,
        "report_csv": False, "user_fields": {"title": None}, **other,
    }  # fmt: skip


def _add_agent(made: Tables, identity: int, agent: AgentSeed) -> None:
    wanted = [row["id"] for row in made.groups.values() if row["name"] in agent.teams]
    for group_id in wanted:
        place = len(made.memberships)
        made.memberships.append(
            {
                "id": _id("membership", place),
                "url": url("group_memberships", _id("membership", place)),
                "user_id": identity,
                "group_id": group_id,
                "default": group_id == wanted[0],
                "created_at": SEEDED_AT,
                "updated_at": SEEDED_AT,
            }
        )
    made.users[identity] = user(
        identity,
        agent.name,
        agent.email,
        # The export of tickets is for admins only, so a bot that reconciles needs to be one.
        role="admin" if agent.is_bot else "agent",
        default_group_id=wanted[0] if wanted else None,
        ticket_restriction=None,
        restricted_agent=False,
    )


def add_person(made: Tables, identity: int, person: PersonSeed, world: World) -> Row:
    """An end user, in the organization of the address's domain."""
    company = world.company_of(person.email)
    home = next((row for row in made.organizations.values() if company and row["name"] == company.name), None)
    made.users[identity] = user(
        identity,
        person.name,
        person.email,
        locale=_LOCALES.get(person.locale, person.locale),
        iana_time_zone=person.timezone,
        time_zone=person.timezone.rpartition("/")[2].replace("_", " "),
        organization_id=home["id"] if home else None,
        user_fields={"title": person.title or None},
    )
    return made.users[identity]


def macro(made: Tables, identity: int, place: int, seed: MacroSeed) -> Row:
    actions: list[Row] = [
        {"field": "comment_value", "value": core_text.renamed(seed.text, _PLACEHOLDERS)},
        {"field": "comment_mode_is_public", "value": "true"},
    ]
    if seed.priority:
        actions.append({"field": "priority", "value": seed.priority})
    if seed.status:
        actions.append({"field": "status", "value": {"on_hold": "hold"}.get(seed.status, seed.status)})
    if seed.tags:
        actions.append({"field": "current_tags", "value": " ".join(seed.tags)})
    if seed.team and (team := made.group_by_name(seed.team)):
        actions.append({"field": "group_id", "value": str(team["id"])})
    return {
        "url": url("macros", identity), "id": identity, "title": seed.name, "active": True, "created_at": SEEDED_AT,
        "updated_at": SEEDED_AT, "default": False, "position": place, "description": None, "actions": actions,
        "restriction": None, "raw_title": seed.name,
    }  # fmt: skip


def _ticket_fields() -> list[Row]:
    system = [_ticket_field(_id("field", place), kind, kind.title(), False) for place, kind in enumerate(_SYSTEM_FIELDS)]
    options = [{"id": 8646151540000 + 20 * n, "name": s.upper(), "value": f"severity_{s}"} for n, s in enumerate(_SEVERITIES)]
    custom = [
        _ticket_field(_id("custom", 0), "tagger", "Severity", True, custom_field_options=options),
        _ticket_field(_id("custom", 1), "text", "Order number", True),
        _ticket_field(_id("custom", 2), "integer", "Affected users", True),
        _ticket_field(_id("custom", 3), "checkbox", "Survey off", True),
        _ticket_field(_id("custom", 4), "date", "Promised for", True),
    ]
    return system + custom


def _ticket_field(identity: int, kind: str, title: str, removable: bool, **other: Any) -> Row:
    return {
        "url": url("ticket_fields", identity), "id": identity, "type": kind, "title": title, "raw_title": title,
        "description": "", "raw_description": "", "position": 0, "active": True, "required": False,
        "collapsed_for_agents": False, "regexp_for_validation": None, "title_in_portal": title, "visible_in_portal": False,
        "editable_in_portal": False, "required_in_portal": False, "tag": None, "created_at": SEEDED_AT,
        "updated_at": SEEDED_AT, "removable": removable, "key": None, "agent_description": None, **other,
    }  # fmt: skip
