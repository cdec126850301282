"""Who asks: the requester, the company, and the fields that an account made itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.freshdesk.people import to_company, to_person
from adapters.raw import Raw
from tests.adapters.freshdesk.conftest import KEY, ROOT, TICKET, account, answer_of, ticket_with


def test_requester_company_and_custom_fields_are_read_whole(desk: responses.RequestsMock, api: FreshdeskApi) -> None:
    desk.get(TICKET, json=answer_of("ticket"))

    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert ticket.requester.emails == ("clara.chief@northwind.example", "cc@northwind.example")
    assert ticket.requester.title == "Chief Executive Officer"
    assert ticket.company is not None
    assert (ticket.company.tier, ticket.company.arr, ticket.company.csm) == ("enterprise", 120000.0, "lead.lena@example.com")
    assert (ticket.company.health, ticket.company.renewal_at) == (20.0, datetime(2027, 1, 31, tzinfo=UTC))
    assert ticket.custom == {"seats": 250.0, "contract_ends": "2027-01-31", "beta": True, "products": None}
    assert ticket.assignee is not None
    assert ticket.assignee.email == "anna.agent@example.com"
    assert ticket.team is not None
    assert ticket.team.name == "Tier 1"


def test_people_that_may_not_be_read_are_known_by_what_came_along(vendor: responses.RequestsMock, api: FreshdeskApi) -> None:
    vendor.get(TICKET, json=ticket_with(responder_id=None, group_id=None))
    vendor.get(f"{ROOT}/agents/me", json=answer_of("agent_me"))
    vendor.get(f"{ROOT}/contacts/6001", status=404)
    vendor.get(f"{ROOT}/companies/9", status=403, json={"code": "access_denied"})

    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert ticket.requester.email == "clara.chief@northwind.example"
    assert ticket.company is not None
    assert (ticket.company.name, ticket.company.tier) == ("Northwind", None)
    assert ticket.assignee is None


def test_nobody_asks_where_the_ticket_names_nobody() -> None:
    assert to_person(Raw({"requester": None, "requester_id": None}), Raw({})) is None


def test_addresses_of_a_person_stand_once_and_in_small_letters() -> None:
    contact = Raw({"email": "Clara@example.com", "other_emails": ["clara@example.com", "cc@example.com"]})

    person = to_person(Raw({"requester_id": 6001}), contact)

    assert person is not None
    assert person.emails == ("clara@example.com", "cc@example.com")


@pytest.mark.parametrize(
    ("fields", "tier", "health"),
    [
        ({"account_tier": "Premium", "health_score": "At risk"}, "professional", 20.0),
        ({"account_tier": "Enterprise", "health_score": 55}, "enterprise", 55.0),
        ({"account_tier": None, "health_score": "who knows"}, None, None),
    ],
)
def test_tier_and_health_are_in_our_words(fields: dict[str, Any], tier: str | None, health: float | None) -> None:
    company = to_company(Raw({"id": 9, **fields}), Raw({}), replace(account(), company_fields={}))

    assert company is not None
    assert (company.tier, company.health) == (tier, health)


def test_a_mapped_company_field_wins_over_the_vendors_own() -> None:
    whole = Raw({"id": 9, "account_tier": "Basic", "custom_fields": {"cf_level": "enterprise", "arr": "a lot"}})

    company = to_company(Raw({}), whole, replace(account(), company_fields={"tier": "cf_level"}))

    assert company is not None
    assert (company.tier, company.arr) == ("enterprise", None)
