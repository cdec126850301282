"""Zendesk's users, organisations and groups as our people, companies, agents. Pure.

https://developer.zendesk.com/api-reference/ticketing/users/users/
https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.raw import Raw
from adapters.ticket import Agent, Company, CustomValue, Person, Role
from adapters.zendesk.tables import ROLE
from adapters.zendesk.values import custom_value, plain_value

# A company's attributes and their types. An attribute without an entry in the account's `company_fields` is looked for under
# its own name among the organisation's fields.
_COMPANY_TEXT = ("tier", "plan", "csm", "account_manager")
_COMPANY_NUMBER = ("mrr", "arr", "health", "nps")
_COMPANY_DATE = ("renewal_at",)
_COMPANY_FLAG = ("is_premium", "is_strategic")


def to_person(user: Raw) -> Person:
    """A requester or somebody in copy."""
    emails, phones = user["email"].text(default=""), user["phone"].text(default="")
    role = ROLE.get(user["role"].text(default=""), Role.CUSTOMER)
    return Person(
        external_id=user["id"].text(),
        name=user["name"].text(default=""),
        emails=(emails.lower(),) if emails else (),
        phones=(phones,) if phones else (),
        title=_title(user["user_fields"]),
        locale=user["locale"].text(default=""),
        timezone=user["iana_time_zone"].text(default="") or user["time_zone"].text(default=""),
        company_id=user["organization_id"].identifier(default=None),
        role=role,
        tags=frozenset(tag.text().casefold() for tag in user["tags"].items()),
        custom={name: plain_value(place) for name, place in user["user_fields"].fields()},
        created_at=user["created_at"].time(default=None),
    )


def _title(fields: Raw) -> str:
    """A person's job title. Zendesk has no field of its own for it; accounts that keep one call the user field so."""
    return fields["title"].text(default="") or fields["job_title"].text(default="")


def to_agent(user: Raw | None, user_id: str, *, is_bot: bool = False) -> Agent:
    """Somebody of the team; only the id where the user is not known. `teams` is the default group alone."""
    if user is None:
        return Agent(external_id=user_id, is_bot=is_bot)
    team = user["default_group_id"].identifier(default=None)
    return Agent(
        external_id=user_id,
        name=user["name"].text(default=""),
        email=user["email"].text(default="").lower(),
        is_bot=is_bot,
        is_active=user["active"].flag(default=True) and not user["suspended"].flag(default=False),
        teams=(team,) if team else (),
    )


def to_company(organization: Raw, company_fields: Mapping[str, str]) -> Company:
    """The organisation with its custom fields: those of `company_fields` as attributes, the others in `custom`."""
    fields = organization["organization_fields"]
    known = {name: company_fields.get(name, name) for name in _attribute_names()}
    taken = {name: _attribute(name, fields[vendor]) for name, vendor in known.items() if fields[vendor].is_there}
    attributes: dict[str, Any] = {name: value for name, value in taken.items() if value is not None}
    if "tier" in attributes:
        attributes["tier"] = str(attributes["tier"]).strip().lower()
    others = {name: plain_value(place) for name, place in fields.fields() if name not in known.values()}
    return Company(
        external_id=organization["id"].text(),
        name=organization["name"].text(default=""),
        domains=tuple(each.text().lower() for each in organization["domain_names"].items()),
        tags=frozenset(tag.text().casefold() for tag in organization["tags"].items()),
        custom=others,
        **attributes,
    )


def _attribute_names() -> tuple[str, ...]:
    return (*_COMPANY_TEXT, *_COMPANY_NUMBER, *_COMPANY_DATE, *_COMPANY_FLAG)


def _attribute(name: str, place: Raw) -> CustomValue | datetime:
    """None where somebody wrote something of another type into the field."""
    if name in _COMPANY_DATE:
        return place.time() if custom_value(place, "date") else None
    return custom_value(place, "bool" if name in _COMPANY_FLAG else "number" if name in _COMPANY_NUMBER else "text")
