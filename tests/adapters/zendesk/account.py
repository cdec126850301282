"""What the Zendesk tests share: an account, its client, and the vendor's payloads from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import responses

from adapters.helpdesk import Account, DictCache, FieldMapping, WebhookSecurity
from adapters.ticket import Provider, TicketKey, TicketKind
from adapters.transport import Transport
from adapters.zendesk.api import ZendeskApi, connect_api

FIXTURES = Path(__file__).parents[2] / "fixtures" / "zendesk"
ADDRESS = "https://acme.zendesk.com"
API = f"{ADDRESS}/api/v2"
KEY = TicketKey("acme", TicketKind.TICKET, "42")
SECRET = "sandbox-zendesk-secret"
ACCOUNT = Account(
    name="acme",
    provider=Provider.ZENDESK,
    address=ADDRESS,
    credentials={"email": "deskhand.bot@example.com", "token": "sandbox-zendesk-token"},
    webhook=WebhookSecurity(secrets=(SECRET,)),
    fields=(
        FieldMapping(slug="product", vendor="360001", type="enum"),
        FieldMapping(slug="amount", vendor="360002", type="number"),
        FieldMapping(slug="is_trial", vendor="360003", type="bool"),
        FieldMapping(slug="bought_at", vendor="360004", type="date"),
        FieldMapping(slug="areas", vendor="360005", type="multi"),
        FieldMapping(slug="empty", vendor="360006", type="text"),
    ),
    company_fields={"mrr": "kundenwert"},
    max_messages=200,
)


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.api.json").read_text())


def webhook(name: str) -> bytes:
    return (FIXTURES / f"{name}.webhook.json").read_bytes()


def client(account: Account = ACCOUNT) -> ZendeskApi:
    return connect_api(account, Transport(account.address, allow_private=True), DictCache())


def answers(desk: responses.RequestsMock, path: str, name: str | None = None, **kwargs: Any) -> responses.BaseResponse:
    """Let `desk` answer GET `path` with a fixture."""
    body = {"json": fixture(name)} if name else {}
    return desk.add(kwargs.pop("method", "GET"), f"{API}{path}", **body, **kwargs)


def reads(desk: responses.RequestsMock) -> list[str]:
    """The paths asked for so far."""
    return [str(call.request.url).removeprefix(API).partition("?")[0] for call in desk.calls]
