"""Contacts, companies, teammates and teams."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.intercom import people
from adapters.intercom.api import IntercomApi
from adapters.intercom.hydrate import hydrate
from adapters.raw import Raw
from adapters.ticket import (
    Agent,
    Role,
    Team,
)
from tests.adapters.intercom.conftest import FIELDS, KEY, account, answer
from tests.adapters.intercom.loopback import Workspace
from tests.adapters.intercom.reading import T, conversation, read


def test_people_and_company_come_with_it(api: IntercomApi) -> None:
    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert (ticket.requester.name, ticket.requester.email) == ("Mara Lindqvist", "mara@northwind.example")
    assert (ticket.requester.title, ticket.requester.company_id) == ("Head of Finance", "6650aa")
    assert ticket.company is not None
    assert (ticket.company.name, ticket.company.tier, ticket.company.arr) == ("Northwind", "enterprise", 120000)
    assert (ticket.company.domains, ticket.company.csm) == (("northwind.example",), "Lena Lead")
    assert ticket.company.renewal_at == datetime.fromtimestamp(T + 86400 * 50, UTC)
    assert ticket.assignee is not None
    assert ticket.assignee.email == "anna.agent@example.com"
    assert ticket.team is not None
    assert ticket.team.name == "Senior"


def test_a_deleted_contact_leaves_what_the_message_says(api: IntercomApi, workspace: Workspace) -> None:
    del workspace.answers["GET /contacts/66f1a0c2b7d84e0012ab34cd"]

    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert (ticket.requester.name, ticket.company) == ("Mara Lindqvist", None)


def test_a_merged_contact_is_followed_to_where_it_went(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /contacts/66f1a0c2b7d84e0012ab34cd"] = (410, {"errors": [{"code": "contact_merged"}]})
    workspace.answers["GET /contacts/77aa"] = answer("contact") | {"id": "77aa", "role": "lead", "name": None, "email": ""}
    workspace.headers["Link"] = '</contacts/77aa>; rel="canonical"'

    ticket = hydrate(KEY, api)

    assert ticket.requester is not None
    assert (ticket.requester.external_id, ticket.requester.role, ticket.requester.emails) == ("77aa", Role.LEAD, ())


def test_a_company_field_of_another_shape_is_not_known(api: IntercomApi, workspace: Workspace) -> None:
    workspace.answers["GET /companies/6650aa"] = answer("company") | {"custom_attributes": {"arr": "a lot", "tier": "Standard"}}

    company = hydrate(KEY, api).company

    assert company is not None
    assert (company.arr, company.tier) == (None, "standard")


def test_a_teammate_or_team_that_is_not_listed_is_an_id(api: IntercomApi) -> None:
    assert people.agent_of("1", api) == Agent(external_id="1")
    assert people.team_of("1", api) == Team(external_id="1")


def test_a_lead_without_name_and_address_is_somebody() -> None:
    person = people.to_person(Raw({"id": "5", "role": "lead", "name": None, "email": ""}))

    assert (person.external_id, person.name, person.emails, person.role) == ("5", "", (), Role.LEAD)


@pytest.mark.parametrize("website", ["https://www.Northwind.example/shop?x=1", "northwind.example", "www.northwind.example#top"])
def test_a_website_gives_the_domain(website: str) -> None:
    assert people.to_company(Raw({"id": "1", "website": website}), account()).domains == ("northwind.example",)


def test_attributes_that_are_not_mapped_stay_out() -> None:
    raw = conversation(custom_attributes={"Seats": 3, "Colour": "red"})

    assert read(raw).custom == dict.fromkeys(each.slug for each in FIELDS) | {"seats": 3}
