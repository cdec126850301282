"""A helpdesk account as the flow sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.freshdesk.adapter import ADAPTER
from adapters.freshdesk.webhook import READER
from adapters.helpdesk import Account, DictCache, Helpdesk, WebhookSecurity, no_carrier_tags
from adapters.ticket import Provider, Ticket, TicketKey, TicketKind
from adapters.writes import Plan, Request, SuppressSurvey

ACCOUNT = Account(
    name="north",
    provider=Provider.FRESHDESK,
    address="https://north.example.com",
    credentials={"api_key": "canary-key"},
    webhook=WebhookSecurity(secrets=("canary-secret",)),
)
KEY = TicketKey("north", TicketKind.TICKET, "1")
REQUEST = Request(ticket=KEY, number=0, operation="reply")


def test_an_account_shows_no_secrets() -> None:
    assert "north.example.com" in repr(ACCOUNT)
    assert "canary" not in repr(ACCOUNT)


def test_a_value_that_is_missed_is_fetched_once() -> None:
    cache, values = DictCache(), iter(["first", "second"])

    found = [cache.once("me", 60, lambda: next(values)) for _ in range(2)]

    assert found == ["first", "first"] == [cache.get("me", 60)] * 2


def test_a_value_that_was_put_needs_no_fetching() -> None:
    cache = DictCache()
    cache.put("me", 7)

    assert cache.once("me", 60, lambda: pytest.fail("fetched")) == 7


def test_half_an_adapter_is_all_that_a_reader_says() -> None:
    assert READER.half == {
        "provider": Provider.FRESHDESK,
        "stamp_grain_s": READER.stamp_grain_s,
        "verify": READER.verify,
        "parse": READER.parse,
        "content_types": READER.content_types,
        "retry_members": READER.retry_members,
    }


def test_a_provider_carries_nothing_by_tags_unless_it_says_so() -> None:
    assert no_carrier_tags(SuppressSurvey(), object()) == frozenset()


@pytest.mark.parametrize(
    ("verb", "given", "passed"),
    [
        ("hydrate", (KEY,), (KEY, "the api")),
        ("to_requests", (Plan(ticket=KEY), Ticket()), (Plan(ticket=KEY), Ticket(), "the api")),
        ("send", (REQUEST,), (REQUEST, "the api")),
        ("find_marker", (KEY, "K7"), (KEY, "K7", "the api")),
        ("poll", ("", datetime(2026, 1, 2, tzinfo=UTC)), ("", datetime(2026, 1, 2, tzinfo=UTC), "the api")),
        ("teams", (), ("the api",)),
        ("carrier_tags", (SuppressSurvey(),), (SuppressSurvey(), "the api")),
    ],
)
def test_a_verb_is_the_adapters_with_the_bound_client(verb: str, given: tuple[Any, ...], passed: tuple[Any, ...]) -> None:
    changes: dict[str, Any] = {verb: lambda *arguments: arguments}
    repeating = replace(ADAPTER, **changes)

    assert getattr(Helpdesk(repeating, ACCOUNT, "the api"), verb)(*given) == passed
