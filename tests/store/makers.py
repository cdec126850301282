"""Small values for the store's tests: everything has a default."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adapters.ticket import Event, EventType, Provider, Ticket, TicketKey, TicketKind
from adapters.writes import AddTags, Plan, PlannedWrite, Request
from bot.store.deliveries import Incoming

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEY = TicketKey("acme", TicketKind.TICKET, "42")
OTHER_KEY = TicketKey("acme", TicketKind.TICKET, "43")


def later(**units: float) -> datetime:
    return NOW + timedelta(**units)


def event(key: TicketKey | None = KEY, delivery_key: str = "evt-1", *, has_id: bool = True) -> Event:
    return Event(
        provider=Provider.ZENDESK,
        type=EventType.CUSTOMER_REPLIED,
        ticket=key,
        delivery_key=delivery_key,
        has_delivery_id=has_id,
        occurred_at=NOW,
        kind_raw="ticket.comment_added",
        raw={"words": "of a customer"},
    )


def incoming(
    delivery_key: str = "evt-1",
    body: bytes = b"{}",
    *,
    key: TicketKey | None = KEY,
    has_id: bool = True,
    ignored: str = "",
    at: datetime = NOW,
) -> Incoming:
    events = (event(key, delivery_key, has_id=has_id),)
    return Incoming(account="acme", delivery_key=delivery_key, body=body, events=events, received_at=at, ignored=ignored)


def ticket(**fields: object) -> Ticket:
    return Ticket(account="acme", external_id="42", subject="Help", **fields)  # type: ignore[arg-type]


def plan() -> Plan:
    return Plan(ticket=KEY, writes=(PlannedWrite(write=AddTags(tags=frozenset({"vip"})), rules=("r1",)),), run_id="run-1")


def request(number: int = 1, **fields: object) -> Request:
    return Request(ticket=KEY, number=number, operation="update_ticket", writes=(0,), **fields)  # type: ignore[arg-type]
