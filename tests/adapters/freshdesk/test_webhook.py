from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import PayloadUnexpected, SignatureInvalid, TicketUnclear
from adapters.freshdesk.webhook import parse, verify
from adapters.helpdesk import WebhookSecurity
from adapters.ticket import EventType
from tests.adapters.freshdesk.conftest import KEY, NOW, body_of

OLD, NEW = "old-secret-of-at-least-32-letters", "new-secret-of-at-least-32-letters"
SECURITY = WebhookSecurity(secrets=(OLD, NEW))


def basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"deskhand:{password}".encode()).decode()}


@pytest.mark.parametrize("headers", [{"x-deskhand-secret": OLD}, {"x-deskhand-secret": NEW}, basic(OLD), basic(NEW)])
def test_either_secret_passes_in_the_header_or_as_the_basic_password(headers: dict[str, str]) -> None:
    verify(headers, b"{}", SECURITY, NOW)


def test_the_header_may_have_another_name() -> None:
    security = WebhookSecurity(secrets=(OLD,), header="X-Our-Key")

    verify({"x-our-key": OLD}, b"{}", security, NOW)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "missing"),
        ({"x-deskhand-secret": ""}, "missing"),
        ({"authorization": "Basic !!!"}, "missing"),
        ({"authorization": f"Bearer {OLD}"}, "missing"),
        ({"x-deskhand-secret": OLD[:-1]}, "mismatch"),
        ({"x-deskhand-secret": OLD.upper()}, "mismatch"),
        ({"x-deskhand-secret": "gehört-nicht-hierher-\udcff"}, "mismatch"),
        (basic("nothing like it"), "mismatch"),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], reason: str) -> None:
    with pytest.raises(SignatureInvalid) as refusal:
        verify(headers, b"{}", SECURITY, NOW)

    assert refusal.value.reason == reason
    assert OLD not in str(refusal.value)


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_an_account_without_a_secret_lets_nobody_in(secrets: tuple[str, ...]) -> None:
    with pytest.raises(SignatureInvalid):
        verify({"x-deskhand-secret": "", **basic("")}, b"{}", WebhookSecurity(secrets=secrets), NOW)


@pytest.mark.parametrize(
    ("name", "content_type", "kind", "changes"),
    [
        ("simple_status_changed.webhook.json", "application/json", EventType.STATUS_CHANGED, {"status": ("solved", "open")}),
        ("created.webhook.json", "application/json", EventType.TICKET_CREATED, {}),
        ("note_added.webhook.json", "", EventType.NOTE_CREATED, {}),
        ("unknown_event.webhook.json", "application/json", EventType.TICKET_UPDATED, {}),
        ("broken_by_quotes.webhook.txt", "application/json", EventType.PRIORITY_CHANGED, {"priority": ("low", "urgent")}),
        ("reply_sent.webhook.form", "application/x-www-form-urlencoded", EventType.AGENT_REPLIED, {}),
        ("status_changed.webhook.xml", "text/xml", EventType.STATUS_CHANGED, {"status": ("open", "on_hold")}),
    ],
)
def test_every_body_that_an_automation_can_send_names_its_ticket(
    name: str, content_type: str, kind: EventType, changes: dict[str, tuple[str, str]]
) -> None:
    [event] = parse({"content-type": content_type}, body_of(name), "north")

    assert event.ticket == KEY
    assert event.type is kind
    assert event.changes == changes
    assert event.actor is None
    assert event.actor_is_us is None
    assert not event.has_delivery_id


def test_the_delivery_key_is_a_hash_of_the_body() -> None:
    body = body_of("created.webhook.json")

    keys = [parse({}, each, "north")[0].delivery_key for each in (body, body, body + b" ")]

    assert keys[0] == keys[1] != keys[2]
    assert len(keys[0]) == 64


def test_the_time_is_read_where_it_can_be() -> None:
    iso = parse({}, body_of("created.webhook.json"), "north")[0]
    words = parse({}, body_of("note_added.webhook.json"), "north")[0]

    assert iso.occurred_at == datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    assert words.occurred_at is None


def test_an_app_event_names_its_actor_and_time() -> None:
    [event] = parse({}, body_of("app_conversation.webhook.json"), "north")

    assert event.ticket == KEY
    assert event.type is EventType.CUSTOMER_REPLIED
    assert event.actor == "6001"
    assert event.occurred_at == datetime.fromtimestamp(1795166100, UTC)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("onTicketCreate", EventType.TICKET_CREATED),
        ("onTicketUpdate", EventType.TICKET_UPDATED),
        ("onNovel", EventType.TICKET_UPDATED),
    ],
)
def test_app_events_of_tickets_are_told_apart(event: str, kind: EventType) -> None:
    body = json.dumps({"event": event, "data": {"ticket": {"id": 48213}}}).encode()

    assert parse({}, body, "north")[0].type is kind


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (body_of("missing_ticket_id.webhook.json"), "$.freshdesk_webhook.ticket_id"),
        (b'{"ticket_id": [1]}', "$.ticket_id"),
        (b'{"ticket_id": -4}', "$.ticket_id"),
        (b'{"ticket_id": "../1"}', "$.ticket_id"),
        (b'{"ticket_id": "1?x=2"}', "$.ticket_id"),
        (b'{"ticket_id": 99999999999999999999}', "$.ticket_id"),
        (b'{"ticket_id": NaN}', "$"),
        (b'{"subject": "broken " body"}', "$.ticket_id"),
        (b"[]", "$"),
        (b"null", "$"),
        (b"", "$"),
        (b"[" * 5000, "$"),
        (b"\xff\xfe{\x00", "$"),
        (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a><ticket_id>1</ticket_id></a>", "$"),
        (b"<a>" * 9 + b"</a>" * 9, "$.ticket_id"),
        (b"<a><ticket_id>1</a>", "$.ticket_id"),
        (b"<a>text only</a>", "$.ticket_id"),
    ],
)
def test_a_body_without_a_readable_ticket_id_is_refused_by_its_path(body: bytes, path: str) -> None:
    with pytest.raises(PayloadUnexpected) as refusal:
        parse({}, body, "north")

    assert refusal.value.path == path


def test_an_id_that_comes_twice_is_the_first_where_the_body_begins_with_it() -> None:
    form = {"content-type": "application/x-www-form-urlencoded"}

    assert parse(form, b"ticket_id=48213&ticket_id=2", "north")[0].ticket == KEY
    with pytest.raises(TicketUnclear):
        parse(form, b"subject=a&ticket_id=48213&ticket_id=2", "north")


@pytest.mark.parametrize("name", ["onContactCreate", "onContactUpdate", "onCompanyCreate", "onAppInstall"])
def test_app_events_of_people_and_companies_are_kept_and_ignored(name: str) -> None:
    body = json.dumps({"event": name, "data": {"contact": {"id": 6001}, "actor": {"id": 7001}}}).encode()

    [event] = parse({}, body, "north")

    assert (event.type, event.ticket, event.kind_raw) == (EventType.OTHER, None, name)


@pytest.mark.parametrize("name", ["onTicketUpdate", "onConversationCreate"])
def test_an_app_event_of_a_ticket_must_name_it(name: str) -> None:
    with pytest.raises(PayloadUnexpected):
        parse({}, json.dumps({"event": name, "data": {"actor": {"id": 7001}}}).encode(), "north")


def test_the_author_of_a_new_message_is_the_actor_where_the_app_forwards_none() -> None:
    message = {"id": 1, "ticket_id": 48213, "user_id": 7001, "private": False, "incoming": False}

    def actor(name: str, **more: object) -> str | None:
        return parse({}, json.dumps({"event": name, "data": {"conversation": message, **more}}).encode(), "north")[0].actor

    assert actor("onConversationCreate") == "7001"
    assert actor("onConversationCreate", actor={"id": 7002}) == "7002"
    assert actor("onConversationUpdate") is None  # whoever edits it is not its author


@given(st.binary(max_size=300), st.sampled_from(["", "application/json", "text/xml", "application/x-www-form-urlencoded"]))
def test_no_bytes_whatever_bring_parse_down(body: bytes, content_type: str) -> None:
    for wrapped in (body, b"{" + body, b'{"ticket_id": 7, "x": "' + body, b"<" + body):
        try:
            events = parse({"content-type": content_type}, wrapped, "north")
        except PayloadUnexpected:
            continue
        assert all(event.ticket is not None and event.ticket.external_id.isdecimal() for event in events)


@given(st.text(max_size=100))
def test_a_ticket_is_found_however_the_customers_words_break_the_template(words: str) -> None:
    body = f'{{"ticket_id": "48213", "triggered_event": "{{note_type:private}}", "subject": "{words}"}}'.encode(
        "utf-8", "replace"
    )

    try:
        [event] = parse({}, body, "north")
    except PayloadUnexpected as refusal:
        assert refusal.problem != "not JSON"
    else:
        assert event.ticket == KEY
