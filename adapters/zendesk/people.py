"""Zendesk's users, organisations and groups as our people, companies, agents. Pure.

https://developer.zendesk.com/api-reference/ticketing/users/users/
https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from typing import Any

from adapters.custom_values import COMPANY_TYPES, moment_of, plain_values, read_company_attribute
from adapters.helpdesk import Account
from adapters.raw import Raw
from adapters.ticket import Agent, Company, Person, Role
from adapters.zendesk.tables import ROLE

# One without an entry in the account's `company_fields` is looked for under its own name among the organisation's fields.
_COMPANY_ATTRIBUTES = ("tier", "plan", "csm", "account_manager", *COMPANY_TYPES)


def to_person(user: Raw) -> Person:
    """A requester or somebody in copy."""
    emails, phones = user["email"].text(default=""), user["phone"].text(default="")
    role = ROLE.get(user["role"].text(default=""), Role.CUSTOMER)
    return Person(
        external_id=user["id"].text(default=""),
        name=user["name"].text(default=""),
        emails=(emails.lower(),) if emails else (),
        phones=(phones,) if phones else (),
        title=_title(user["user_fields"]),
        locale=user["locale"].text(default=""),
        timezone=user["iana_time_zone"].text(default="") or user["time_zone"].text(default=""),
        company_id=user["organization_id"].identifier(default=None),
        role=role,
        tags=frozenset(tag.casefold() for tag in user["tags"].texts()),
        custom=plain_values(user["user_fields"]),
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
        may_answer=not user["only_private_comments"].flag(default=False),
        teams=(team,) if team else (),
    )


def to_company(organization: Raw, account: Account) -> Company:
    """The organisation with its custom fields: those of `company_fields` as attributes, the others in `custom`."""
    fields = organization["organization_fields"]
    known = {name: account.company_fields.get(name, name) for name in _COMPANY_ATTRIBUTES}
    read = {name: read_company_attribute(fields[vendor], name, account) for name, vendor in known.items()}
    attributes: dict[str, Any] = {name: value for name, value in read.items() if value is not None}
    if "tier" in attributes:
        attributes["tier"] = attributes["tier"].strip().lower()
    if "renewal_at" in attributes:
        attributes["renewal_at"] = moment_of(attributes["renewal_at"])
    return Company(
        external_id=organization["id"].text(default=""),
        name=organization["name"].text(default=""),
        domains=tuple(each.lower() for each in organization["domain_names"].texts()),
        tags=frozenset(tag.casefold() for tag in organization["tags"].texts()),
        custom={name: value for name, value in plain_values(fields).items() if name not in known.values()},
        **attributes,
    )
