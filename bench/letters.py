"""Deliveries as a vendor sends them, made before they are sent: signed, each with an id and a ticket of its own, about 1.2 kB."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

SECRET = "sandbox-zendesk-secret"  # noqa: S105  # as sandbox.stories.config writes it into the account
_SENTENCE = "Nothing has loaded since half past nine and all of our people are waiting for it. "


def deliveries(count: int, account: str = "zendesk") -> Iterator[bytes]:
    """Whole HTTP requests: the creation of `count` tickets."""
    yield from (request(body(), account) for _ in range(count))


def body() -> bytes:
    """A new ticket's event, its shape that of https://developer.zendesk.com/api-reference/webhooks/event-types/ticket-events/."""
    ticket, now = str(secrets.randbits(48) + 1), datetime.now(UTC).isoformat().replace("+00:00", "Z")
    detail = {
        "actor_id": "8447388090494",
        "assignee_id": None,
        "brand_id": "8447346621310",
        "created_at": now,
        "description": (_SENTENCE * 7)[:520],
        "group_id": None,
        "id": ticket,
        "is_public": True,
        "priority": None,
        "requester_id": "8447388090494",
        "status": "NEW",
        "subject": "Production is down",
        "tags": ["outage"],
        "updated_at": now,
        "via": {"channel": "mail"},
    }
    told = {
        "account_id": 22129848,
        "detail": detail,
        "event": {"meta": {"sequence": {"id": secrets.token_hex(16), "position": 1}}},
        "id": secrets.token_hex(16),
        "subject": f"zen:ticket:{ticket}",
        "time": now,
        "type": "zen:event-type:ticket.created",
        "zendesk_event_version": "2022-11-06",
    }
    return json.dumps(told).encode()


def request(body: bytes, account: str = "zendesk", secret: str = SECRET) -> bytes:
    """The POST that brings it, signed now."""
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(hmac.digest(secret.encode(), stamp.encode() + body, hashlib.sha256)).decode()
    head = (
        f"POST /webhooks/{account} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Zendesk Webhook\r\nAccept: */*\r\n"
        "Accept-Encoding: gzip\r\n"
        f"Content-Type: application/json; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "X-Zendesk-Account-Id: 22129848\r\nX-Zendesk-Webhook-Id: 01SANDBOXZENDESKWEBHOOK00A\r\n"
        f"X-Zendesk-Webhook-Invocation-Id: {secrets.token_hex(13)}\r\n"
        f"X-Zendesk-Webhook-Signature: {signature}\r\nX-Zendesk-Webhook-Signature-Timestamp: {stamp}\r\n\r\n"
    )
    return head.encode() + body
