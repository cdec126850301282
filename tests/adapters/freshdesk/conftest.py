"""A Freshdesk account whose answers each test lays out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import responses

from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.hydrate import hydrate
from adapters.helpdesk import Account, DictCache, FieldMapping, WebhookSecurity
from adapters.ticket import Provider, Ticket, TicketKey, TicketKind
from adapters.transport import Transport

ADDRESS = "https://northstar.example.com"
ROOT = f"{ADDRESS}/api/v2"
TICKET = f"{ROOT}/tickets/48213"
THREAD = f"{TICKET}/conversations"
KEY = TicketKey("north", TicketKind.TICKET, "48213")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parents[2] / "fixtures" / "freshdesk"
API_KEY = "sandbox-freshdesk-key"


def body_of(name: str) -> bytes:
    return (FIXTURES / name).read_bytes()


def answer_of(name: str) -> Any:
    return json.loads(body_of(f"{name}.api.json"))


def ticket_with(**changes: Any) -> Any:
    return answer_of("ticket") | changes


def thread_entry(number: int) -> dict[str, Any]:
    """A message of the requester, as the conversations give it."""
    return {"id": number, "body_text": f"entry {number}", "incoming": True, "private": False, "user_id": 6001, "source": 0}


def account(**changes: Any) -> Account:
    return Account(
        name="north",
        provider=Provider.FRESHDESK,
        address=ADDRESS,
        credentials={"api_key": API_KEY},
        webhook=WebhookSecurity(secrets=("first-secret-of-thirty-two-letters",)),
        fields=(
            FieldMapping(slug="seats", vendor="cf_seats", type="number"),
            FieldMapping(slug="contract_ends", vendor="cf_contract_ends", type="date"),
            FieldMapping(slug="beta", vendor="cf_beta", type="bool"),
            FieldMapping(slug="products", vendor="cf_products", type="multi"),
        ),
        company_fields={"tier": "tier", "arr": "arr", "csm": "csm"},
        **changes,
    )


@pytest.fixture
def connect() -> Callable[..., FreshdeskApi]:
    def make(**changes: Any) -> FreshdeskApi:
        ours = account(**changes)
        return FreshdeskApi(ours, Transport(ours.address, allow_private=True), DictCache(), clock=lambda: NOW)

    return make


@pytest.fixture
def api(connect: Callable[..., FreshdeskApi]) -> FreshdeskApi:
    return connect()


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def desk(vendor: responses.RequestsMock) -> responses.RequestsMock:
    """The vendor with its lists and the people of ticket 48213."""
    for path, name in {
        "/agents/me": "agent_me",
        "/agents": "agents",
        "/groups": "groups",
        "/companies/9": "company",
        "/contacts/6001": "contact",
        "/canned_response_folders": "canned_response_folders",
        "/canned_response_folders/62/responses": "canned_responses",
    }.items():
        vendor.get(ROOT + path, json=answer_of(name))
    return vendor


@pytest.fixture
def ticket(desk: responses.RequestsMock, api: FreshdeskApi) -> Ticket:
    """Ticket 48213 as it was read just now; the reading is not among the calls."""
    read = desk.get(TICKET, json=answer_of("ticket"))
    ticket = hydrate(KEY, api)
    desk.remove(read)
    api.last_read = None
    desk.calls.reset()
    return ticket
