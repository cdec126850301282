"""Who asks: the requester, the company, and the fields that an account made itself."""

from __future__ import annotations

from typing import Any

from adapters.custom_values import moment_of, plain_values, read_company_attribute
from adapters.helpdesk import Account
from adapters.raw import Raw
from adapters.ticket import Company, CustomValue, Person

# Freshdesk's words for a company's health and tier, where no number or word of ours is used.
HEALTH = {"happy": 90.0, "doing okay": 60.0, "at risk": 20.0}
TIER = {"basic": "standard", "premium": "professional"}

# Where the account maps no company field of ours, the vendor's own attribute, else a custom field of the same name.
COMPANY_FIELD = {"tier": "account_tier", "health": "health_score", "renewal_at": "renewal_date"}


def to_person(raw: Raw, contact: Raw) -> Person | None:
    """The requester: the whole contact where it could be read, else what came with the ticket."""
    raw, contact = raw.tolerant(), contact.tolerant()
    brief = raw["requester"]
    external_id = raw["requester_id"].text(default="") or brief["id"].text(default="")
    if not external_id:
        return None

    def first(name: str) -> str:
        return contact[name].text(default="") or brief[name].text(default="")

    others = (each.text(default="") for each in contact["other_emails"].items())
    return Person(
        external_id=external_id,
        name=first("name"),
        emails=tuple(dict.fromkeys(each.lower() for each in (first("email"), *others) if each)),
        phones=tuple(dict.fromkeys(each for each in (first("phone"), first("mobile")) if each)),
        title=contact["job_title"].text(default=""),
        locale=contact["language"].text(default=""),
        timezone=contact["time_zone"].text(default=""),
        company_id=raw["company_id"].text(default="") or None,
        tags=frozenset(tag.casefold() for tag in contact["tags"].texts()),
        custom=plain_values(contact["custom_fields"]),
        created_at=contact["created_at"].time(default=None),
    )


def to_company(brief: Raw, whole: Raw, account: Account) -> Company | None:
    """The company with the account's mapping of its fields; None where the ticket has none."""
    found = (whole if whole["id"].is_there else brief).tolerant()
    if not found["id"].is_there:
        return None

    def place_of(name: str) -> Raw:
        vendor = account.company_fields.get(name) or COMPANY_FIELD.get(name, name)
        places = (found["custom_fields"][vendor], found[vendor], found["custom_fields"][name])
        return next((place for place in places if place.is_there), Raw(None))

    def ours(name: str) -> Any:
        return read_company_attribute(place_of(name), name, account)

    return Company(
        external_id=found["id"].text(default=""),
        name=found["name"].text(default=""),
        domains=tuple(each.lower() for each in found["domains"].texts()),
        tier=_tier(ours("tier")),
        health=HEALTH.get(str(place_of("health").value).strip().casefold()) or ours("health"),
        renewal_at=moment_of(ours("renewal_at")),
        plan=ours("plan"),
        mrr=ours("mrr"),
        arr=ours("arr"),
        nps=ours("nps"),
        csm=ours("csm"),
        account_manager=ours("account_manager"),
        is_premium=ours("is_premium") or False,
        is_strategic=ours("is_strategic") or False,
        custom=plain_values(found["custom_fields"]),
    )


def _tier(word: CustomValue) -> str | None:
    tier = str(word or "").strip().casefold()
    return TIER.get(tier, tier) or None
