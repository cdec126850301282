"""Contacts, companies, teammates and teams: fetched once, kept for an hour, so that a warm hydrate is one call."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from adapters.errors import PayloadUnexpected
from adapters.helpdesk import FieldMapping
from adapters.intercom.api import IntercomApi, Refused
from adapters.raw import Raw
from adapters.ticket import Agent, Company, CustomValue, Json, Person, Role, Team

_CANONICAL = re.compile(r"</contacts/([A-Za-z0-9_-]{1,64})>")


def me(api: IntercomApi) -> Agent:
    """Our own teammate: the token's owner, or the one that `options.admin_id` names."""
    if wanted := str(api.account.options.get("admin_id", "")):
        return agent_of(wanted, api)
    return to_agent(Raw(api.reference("me", lambda: api.read(lambda client: client.admins.identify()).value), "$.me"))


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
    return Raw(api.reference(f"contact:{contact_id}", lambda: _load_contact(contact_id, api)), "$.contact")


def company(company_id: str, api: IntercomApi) -> Raw:
    """A company as Intercom gives it; `{}` where it is deleted."""

    def load() -> Json:
        return _or_nothing(api, lambda client: client.companies.find(company_id))

    return Raw(api.reference(f"company:{company_id}", load), "$.company")


def to_agent(raw: Raw) -> Agent:
    return Agent(
        external_id=raw["id"].text(),
        name=raw["name"].text(default=""),
        email=raw["email"].text(default=""),
        teams=tuple(each.text() for each in raw["team_ids"].items()),
    )


def to_person(raw: Raw) -> Person:
    """A contact. Leads often have no name and an empty address."""
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
        tags=frozenset(each["name"].text().casefold() for each in raw["tags"]["data"].items() if each["name"].is_there),
        custom={name: value.value for name, value in raw["custom_attributes"].fields() if _is_plain(value.value)},
        created_at=raw["created_at"].time(default=None),
    )


def company_ids(contact_raw: Raw) -> Iterator[str]:
    """The ids of a contact's companies, first one first."""
    listed = contact_raw["companies"]
    for each in listed["data" if "data" in listed else "companies"].items():
        if found := each["id"].identifier(default=None):
            yield found


def to_company(raw: Raw, names: Mapping[str, str]) -> Company:
    """A company. `names` (account.company_fields) says which custom attribute holds tier, arr, mrr, renewal_at, csm, ..."""
    custom = raw["custom_attributes"]
    known = {attribute: _read_as(attribute, custom[vendor]) for attribute, vendor in names.items() if custom[vendor].is_there}
    spend = raw["monthly_spend"]
    website = re.sub(r"^(?:\w+://)?(?:www\.)?|[/?#].*$", "", raw["website"].text(default="").lower())
    fields: dict[str, Any] = {
        "plan": raw["plan"]["name"].text(default="") or None,
        "mrr": spend.number() if spend.is_there and spend.value else None,
        **{attribute: value for attribute, value in known.items() if attribute in _COMPANY_READERS and value is not None},
    }
    return Company(
        external_id=raw["id"].text(default=""),
        name=raw["name"].text(default=""),
        domains=(website,) if website else (),
        tags=frozenset(each["name"].text().casefold() for each in raw["tags"]["tags"].items() if each["name"].is_there),
        custom={name: value.value for name, value in custom.fields() if _is_plain(value.value)},
        **fields,
    )


def to_custom(attributes: Raw, mapping: tuple[FieldMapping, ...]) -> dict[str, CustomValue]:
    """Custom attributes by our slugs; what the mapping does not name stays in `raw`."""
    return {each.slug: from_vendor(each.type, attributes[each.vendor]) for each in mapping if attributes[each.vendor].is_there}


def from_vendor(kind: str, raw: Raw) -> CustomValue:
    """One value by its mapped type, a date as ISO text. Another shape than mapped is an error that names the place."""
    if kind == "number":
        number = raw.number()
        return int(number) if number.is_integer() else number
    if kind == "bool":
        return raw.flag()
    if kind == "date" and (moment := raw.time()) is not None:
        return moment.isoformat()
    if kind == "multi":
        return tuple(each.text() for each in raw.items()) if isinstance(raw.value, list) else (raw.text(),)
    return raw.text()


def _read_number(raw: Raw) -> float:
    return raw.number()


def _read_text(raw: Raw) -> str:
    return raw.text()


def _read_tier(raw: Raw) -> str:
    return raw.text().casefold()


def _read_time(raw: Raw) -> Any:
    return raw.time()


def _read_flag(raw: Raw) -> bool:
    return raw.flag()


_COMPANY_READERS: Mapping[str, Callable[[Raw], Any]] = {
    "tier": _read_tier,
    "plan": _read_text,
    "mrr": _read_number,
    "arr": _read_number,
    "health": _read_number,
    "renewal_at": _read_time,
    "csm": _read_text,
    "account_manager": _read_text,
    "nps": _read_number,
    "is_premium": _read_flag,
    "is_strategic": _read_flag,
}


def _read_as(attribute: str, raw: Raw) -> Any:
    """A company attribute, or None where a person typed something else into the field: one odd company is no outage."""
    try:
        return _COMPANY_READERS.get(attribute, _read_text)(raw)
    except PayloadUnexpected:
        return None


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
    return (raw.text(),) if raw.is_there else ()


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _json(raw: Raw) -> Json:
    value: Json = raw.value
    return value
