"""Who asks: the requester, the company, and the fields that an account made itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.errors import PayloadUnexpected
from adapters.helpdesk import FieldMapping
from adapters.raw import Raw
from adapters.ticket import Company, CustomValue, Person

# Freshdesk's words for a company's health and tier, where no number or word of ours is used.
HEALTH = {"happy": 90.0, "doing okay": 60.0, "at risk": 20.0}
TIER = {"basic": "standard", "premium": "professional"}

# Where the account maps no company field of ours, the vendor's own attribute, else a custom field of the same name.
COMPANY_FIELD = {"tier": "account_tier", "health": "health_score", "renewal_at": "renewal_date"}


def to_person(raw: Raw, contact: Raw) -> Person | None:
    """The requester: the whole contact where it could be read, else what came with the ticket."""
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
        tags=frozenset(tag.text().casefold() for tag in contact["tags"].items()),
        custom=_plain(contact["custom_fields"]),
        created_at=contact["created_at"].time(default=None),
    )


def to_company(brief: Raw, whole: Raw, mapping: Mapping[str, str]) -> Company | None:
    """The company with the account's mapping of its fields; None where the ticket has none."""
    found = whole if whole["id"].is_there else brief
    if not found["id"].is_there:
        return None

    def ours(name: str) -> Raw:
        vendor = mapping.get(name) or COMPANY_FIELD.get(name, name)
        places = (found["custom_fields"][vendor], found[vendor], found["custom_fields"][name])
        return next((place for place in places if place.is_there), Raw(None))

    return Company(
        external_id=found["id"].text(),
        name=found["name"].text(default=""),
        domains=tuple(each.text().lower() for each in found["domains"].items()),
        tier=_tier(ours("tier")),
        health=_health(ours("health")),
        renewal_at=_lenient(ours("renewal_at").time, None),
        plan=_word(ours("plan")),
        mrr=_lenient(ours("mrr").number, None),
        arr=_lenient(ours("arr").number, None),
        nps=_lenient(ours("nps").number, None),
        csm=_word(ours("csm")),
        account_manager=_word(ours("account_manager")),
        is_premium=_lenient(ours("is_premium").flag, False),
        is_strategic=_lenient(ours("is_strategic").flag, False),
        custom=_plain(found["custom_fields"]),
    )


def _word(raw: Raw) -> str | None:
    return _lenient(raw.text, "") or None


def _tier(raw: Raw) -> str | None:
    word = raw.text(default="").strip().casefold()
    return TIER.get(word, word) or None


def _health(raw: Raw) -> float | None:
    word = str(raw.value).strip().casefold()
    return HEALTH[word] if word in HEALTH else _lenient(raw.number, None)


def _lenient(read: Any, default: Any) -> Any:
    """A customer-made field may hold anything: what does not read as its type is as good as absent."""
    try:
        return read(default=default)
    except PayloadUnexpected:
        return default


def to_custom(raw: Raw, mapping: tuple[FieldMapping, ...]) -> dict[str, CustomValue]:
    """The mapped custom fields by our slugs; unmapped ones stay in the ticket's raw."""
    return {each.slug: _custom_value(raw[each.vendor], each.type) for each in mapping}


def _custom_value(raw: Raw, kind: str) -> CustomValue:
    if not raw.is_there:
        return None
    value: CustomValue
    match kind:
        case "number":
            value = _lenient(raw.number, None)
        case "bool":
            value = _lenient(raw.flag, None)
        case "multi":
            value = tuple(str(each) for each in raw.value) if isinstance(raw.value, list) else (str(raw.value),)
        case _:
            value = _lenient(raw.text, None)
    return value


def _plain(raw: Raw) -> dict[str, CustomValue]:
    """Custom fields as they are, where they are plain values."""
    return {name: each.value for name, each in raw.fields() if isinstance(each.value, str | int | float | bool)}
