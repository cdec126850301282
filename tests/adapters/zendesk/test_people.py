"""Zendesk's users, organisations and groups as our people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import responses

from adapters.raw import Raw
from adapters.ticket import Agent, Role
from adapters.zendesk.hydrate import hydrate
from adapters.zendesk.people import to_agent, to_company, to_person
from tests.adapters.zendesk.account import ACCOUNT, KEY, answers, client


def test_the_company_has_its_fields_by_mapping_or_by_name(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    company = hydrate(KEY, client()).company

    assert company is not None
    assert (company.name, company.domains, company.tags) == ("Northwind", ("northwind.example",), frozenset({"key"}))
    assert (company.tier, company.arr, company.mrr, company.csm) == ("enterprise", 120000, 12.5, "lead.lena@example.com")
    assert (company.renewal_at, company.is_premium) == (datetime(2026, 6, 1, tzinfo=UTC), True)
    assert company.custom == {"region": "emea"}


def test_the_requester_is_a_person_with_a_company(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    requester = hydrate(KEY, client()).requester

    assert requester is not None
    assert (requester.email, requester.company_id) == ("clara@customer.example.com", "3001")
    assert (requester.locale, requester.timezone, requester.tags) == ("de", "Europe/Berlin", frozenset({"vip"}))


def test_a_person_without_address_and_with_a_new_role_is_a_customer() -> None:
    person = to_person(Raw({"id": 7, "role": "astronaut", "email": None}))

    assert (person.external_id, person.emails, person.role) == ("7", (), Role.CUSTOMER)


@pytest.mark.parametrize("fields", [{"title": "CEO"}, {"job_title": "CEO"}])
def test_a_title_is_the_user_field_of_that_name(fields: dict[str, str]) -> None:
    assert to_person(Raw({"id": 7, "user_fields": fields})).title == "CEO"


def test_an_agent_who_is_not_known_is_an_id() -> None:
    assert to_agent(None, "7002") == Agent(external_id="7002")


@pytest.mark.parametrize("user", [{"active": False}, {"suspended": True}])
def test_who_is_suspended_or_gone_does_not_work(user: dict[str, bool]) -> None:
    assert not to_agent(Raw({"id": 7, **user}), "7").is_active


def test_a_company_field_of_another_type_is_unknown() -> None:
    company = to_company(Raw({"id": 1, "organization_fields": {"arr": "a lot", "tier": " Enterprise "}}), ACCOUNT)

    assert (company.arr, company.tier, company.custom) == (None, "enterprise", {})
