"""An Intercom workspace on loopback, and our account in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.helpdesk import Account, DictCache, FieldMapping, WebhookSecurity
from adapters.intercom.api import IntercomApi, connect_api
from adapters.ticket import Provider, TicketKey, TicketKind
from adapters.transport import Transport
from tests.adapters.intercom.loopback import Workspace, serving

FIXTURES = Path(__file__).parents[2] / "fixtures" / "intercom"
SECRET = "sandbox-intercom-secret"
TOKEN = "sandbox-intercom-token"
KEY = TicketKey("north", TicketKind.CONVERSATION, "215470000001")
TICKET = TicketKey("north", TicketKind.TICKET, "215470000777")
FIELDS = (
    FieldMapping(slug="product_area", vendor="Product area"),
    FieldMapping(slug="seats", vendor="Seats", type="number"),
    FieldMapping(slug="renewal", vendor="Renewal", type="date"),
    FieldMapping(slug="beta", vendor="Beta", type="bool"),
)
COMPANY_FIELDS = {"tier": "tier", "arr": "arr", "renewal_at": "renewal_at", "csm": "csm"}


def webhook(name: str) -> bytes:
    return (FIXTURES / f"{name}.webhook.json").read_bytes()


def answer(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.api.json").read_text(encoding="utf-8"))


def account(address: str = "http://127.0.0.1:1", **options: Any) -> Account:
    return Account(
        name="north",
        provider=Provider.INTERCOM,
        address=address,
        credentials={"token": TOKEN},
        webhook=WebhookSecurity(secrets=(SECRET,)),
        fields=FIELDS,
        company_fields=COMPANY_FIELDS,
        options=options,
    )


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    """One customer, one conversation, one ticket, three teammates; answers may be replaced."""
    with serving() as workspace:
        workspace.answers = {
            f"GET /conversations/{KEY.external_id}": answer("conversation"),
            f"GET /tickets/{TICKET.external_id}": answer("ticket"),
            "GET /contacts/66f1a0c2b7d84e0012ab34cd": answer("contact"),
            "GET /companies/6650aa": answer("company"),
            "GET /me": answer("me"),
            "GET /admins": answer("admins"),
            "GET /teams": answer("teams"),
            "GET /tags": answer("tags"),
            "GET /ticket_states": answer("ticket_states"),
            "GET /macros": answer("macros"),
        }
        yield workspace


@pytest.fixture
def connect(workspace: Workspace) -> Callable[..., IntercomApi]:
    """Our client in that workspace; keyword arguments are the account's options."""

    def make(**options: Any) -> IntercomApi:
        ours = account(workspace.address, **options)
        return connect_api(ours, Transport(ours.address, allow_private=True, deadline_s=3), DictCache())

    return make


@pytest.fixture
def api(connect: Callable[..., IntercomApi]) -> IntercomApi:
    return connect()
