"""Contacts, companies, teammates and teams: fetched once, kept for an hour, so that a warm hydrate is one call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from adapters.custom_values import COMPANY_TYPES, moment_of, plain_values, read_company_attribute
from adapters.helpdesk import Account
from adapters.intercom.api import IntercomApi, Refused
from adapters.raw import Raw
from adapters.ticket import Agent, Company, Json, Person, Role, Team

_CANONICAL = re.compile(r"</contacts/([A-Za-z0-9_-]{1,64})>")


def me(api: IntercomApi) -> Agent:
    """Our own teammate: the token's owner, or the one that `options.admin_id` names."""
    if wanted := str(api.account.options.get("admin_id", "")):
        return agent_of(wanted, api)
    return to_agent(Raw(_identified(api), "$.me"))


def workspace(api: IntercomApi) -> str:
    """The id of the workspace that the token belongs to; all of them share one address.

    https://developers.intercom.com/docs/references/rest-api/api.intercom.io/admins/identifyadmin
    """
    return Raw(_identified(api), "$.me")["app"]["id_code"].text()


def _identified(api: IntercomApi) -> Json:
    return api.reference("me", lambda: api.read(lambda client: client.admins.identify()).value)


def agents(api: IntercomApi) -> list[Agent]:
    """All teammates of the workspace."""
    listed = api.reference("admins", lambda: api.read(lambda client: client.admins.list()).value)
    return [to_agent(each) for each in Raw(listed)["admins"].items()]


def teams(api: IntercomApi) -> list[Team]:
    listed = api.reference("teams", lambda: api.read(lambda client: client.teams.list()).value)
    return [Team(external_id=each["id"].text(), name=each["name"].text(default="")) for each in Raw(listed)["teams"].items()]


def agent_of(admin_id: str, api: IntercomApi) -> Agent:
    """The teammate with this id; only the id where the list does not know it (removed people keep their tickets)."""
    return next((each for each in agents(api) if each.external_id == admin_id), Agent(external_id=admin_id))


def team_of(team_id: str, api: IntercomApi) -> Team:
    return next((each for each in teams(api) if each.external_id == team_id), Team(external_id=team_id))


def contact(contact_id: str, api: IntercomApi) -> Raw:
    """A contact as Intercom gives it; `{}` where it is deleted. A merged contact is followed to where it went."""
    return Raw(api.reference(f"contact:{contact_id}", lambda: _load_contact(contact_id, api)), "$.contact").tolerant()


def company(company_id: str, api: IntercomApi) -> Raw:
    """A company as Intercom gives it; `{}` where it is deleted."""

    def load() -> Json:
        return _or_nothing(api, lambda client: client.companies.find(company_id))

    return Raw(api.reference(f"company:{company_id}", load), "$.company").tolerant()


def to_agent(raw: Raw) -> Agent:
    return Agent(
        external_id=raw["id"].text(),
        name=raw["name"].text(default=""),
        email=raw["email"].text(default=""),
        teams=tuple(raw["team_ids"].texts()),
    )


def to_person(raw: Raw) -> Person:
    """A contact. Leads often have no name and an empty address."""
    raw = raw.tolerant()
    return Person(
        external_id=raw["id"].text(default=""),
        name=raw["name"].text(default=""),
        emails=_texts(raw["email"]),
        phones=_texts(raw["phone"]),
        title=raw["custom_attributes"]["job_title"].text(default=""),
        locale=raw["language_override"].text(default="") or raw["browser_language"].text(default=""),
        timezone=raw["location"]["timezone"].text(default=""),
        company_id=next(company_ids(raw), None),
        role=Role.LEAD if raw["role"].value == "lead" else Role.CUSTOMER,
        tags=_names(raw["tags"]["data"]),
        custom=plain_values(raw["custom_attributes"]),
        created_at=raw["created_at"].time(default=None),
    )


def company_ids(contact_raw: Raw) -> Iterator[str]:
    """The ids of a contact's companies, first one first."""
    listed = contact_raw["companies"]
    for each in listed["data" if "data" in listed else "companies"].items():
        if found := each["id"].identifier(default=None):
            yield found


def to_company(raw: Raw, account: Account) -> Company:
    """A company. `account.company_fields` says which custom attribute holds tier, arr, mrr, renewal_at, csm, ..."""
    raw = raw.tolerant()
    custom = raw["custom_attributes"]
    read = {name: read_company_attribute(custom[vendor], name, account) for name, vendor in account.company_fields.items()}
    known: dict[str, Any] = {name: value for name, value in read.items() if name in _COMPANY_ATTRIBUTES and value is not None}
    if "tier" in known:
        known["tier"] = known["tier"].strip().casefold()
    if "renewal_at" in known:
        known["renewal_at"] = moment_of(known["renewal_at"])
    website = re.sub(r"^(?:\w+://)?(?:www\.)?|[/?#].*$", "", raw["website"].text(default="").lower())
    own = {"plan": raw["plan"]["name"].text(default="") or None, "mrr": raw["monthly_spend"].number(default=0.0) or None}
    return Company(
        external_id=raw["id"].text(default=""),
        name=raw["name"].text(default=""),
        domains=(website,) if website else (),
        tags=_names(raw["tags"]["tags"]),
        custom=plain_values(custom),
        **(own | known),
    )


# What `company_fields` may fill.
_COMPANY_ATTRIBUTES = frozenset({"tier", "plan", "csm", "account_manager", *COMPANY_TYPES})


def _names(tags: Raw) -> frozenset[str]:
    return frozenset(name.casefold() for each in tags.items() if (name := each["name"].text(default="")))


def _load_contact(contact_id: str, api: IntercomApi) -> Json:
    try:
        return _json(api.read(lambda client: client.contacts.find(contact_id)))
    except Refused as refused:
        # https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/showcontact: 410, with a Link
        if refused.status == 410 and (moved := _CANONICAL.search(refused.link)) and moved[1] != contact_id:
            return _or_nothing(api, lambda client: client.contacts.find(moved[1]))
        if refused.status in (403, 404, 410):
            return {}
        raise


def _or_nothing(api: IntercomApi, call: Callable[[Any], Any]) -> Json:
    try:
        return _json(api.read(call))
    except Refused as refused:
        if refused.status in (403, 404, 410):
            return {}
        raise


def _texts(raw: Raw) -> tuple[str, ...]:
    found = raw.text(default="")
    return (found,) if found else ()


def _json(raw: Raw) -> Json:
    value: Json = raw.value
    return value
