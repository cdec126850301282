"""Proving Intercom's notifications and reading events from them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.helpdesk import WebhookSecurity
from adapters.intercom.adapter import ADAPTER
from adapters.intercom.webhook import TOPIC
from adapters.ticket import Event, EventType, TicketKey, TicketKind
from tests.adapters.intercom.conftest import FIXTURES, KEY, SECRET, TICKET, webhook

SENT_AT = datetime.fromtimestamp(1768032601, UTC)
SECURITY = WebhookSecurity(secrets=("another-secret", SECRET))
BODY = webhook("conversation.user.replied")


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"x-hub-signature": "sha1=" + hmac.new(secret.encode(), body, "sha1").hexdigest()}


def refused_because(headers: dict[str, str], body: bytes = BODY, now: datetime = SENT_AT) -> str:
    with pytest.raises(SignatureInvalid) as caught:
        ADAPTER.verify(headers, body, SECURITY, now)
    return caught.value.reason


def read(name: str) -> Event:
    (event,) = ADAPTER.parse({}, webhook(name), "north")
    return event


def test_a_body_signed_with_either_secret_is_accepted() -> None:
    for secret in SECURITY.secrets:
        ADAPTER.verify(signed(BODY, secret), BODY, SECURITY, SENT_AT)


def test_the_vendors_own_checks_are_signed_with_sha256() -> None:
    body = b'{"action":"uninstall"}'
    headers = {"x-body-signature": hmac.new(SECRET.encode(), body, "sha256").hexdigest()}

    ADAPTER.verify(headers, body, SECURITY, SENT_AT)


@pytest.mark.parametrize("headers", [{}, {"x-hub-signature": ""}, {"x-other": "sha1=00"}])
def test_without_a_signature_nothing_is_accepted(headers: dict[str, str]) -> None:
    assert refused_because(headers) == "missing"


@pytest.mark.parametrize(
    "change",
    [
        lambda good: good.replace("sha1=", "sha256="),
        lambda good: good.replace("sha1=", ""),
        lambda good: "sha1=" + good[5:].upper(),
        lambda good: good[:-1] + ("0" if good[-1] != "0" else "1"),
        lambda good: good[:-1],
        lambda good: "sha1=é\udc80" + good[6:],
        lambda good: "sha1=",
    ],
    ids=["wrong algorithm", "no prefix", "upper case", "one digit off", "short", "not ASCII", "empty"],
)
def test_an_altered_signature_is_refused_and_never_an_exception_of_another_kind(change: Callable[[str], str]) -> None:
    assert refused_because({"x-hub-signature": change(signed(BODY)["x-hub-signature"])}) == "mismatch"


def test_one_flipped_bit_in_the_body_is_refused() -> None:
    altered = bytes([BODY[0] ^ 1]) + BODY[1:]

    assert refused_because(signed(BODY), altered) == "mismatch"


def test_an_empty_secret_proves_nothing() -> None:
    with pytest.raises(SignatureInvalid):
        ADAPTER.verify(signed(BODY, ""), BODY, WebhookSecurity(secrets=("",)), SENT_AT)


@pytest.mark.parametrize(("age", "is_fresh"), [(0, True), (7200 + 300, True), (7200 + 301, False), (-300, True), (-301, False)])
def test_a_retry_may_come_for_two_hours_and_no_longer(age: int, is_fresh: bool) -> None:
    now = SENT_AT + timedelta(seconds=age)

    if is_fresh:
        ADAPTER.verify(signed(BODY), BODY, SECURITY, now)
    else:
        assert refused_because(signed(BODY), now=now) == "stale"


def test_the_window_for_retries_is_a_setting() -> None:
    strict = WebhookSecurity(secrets=(SECRET,), retries_s=0)

    with pytest.raises(SignatureInvalid, match="stale"):
        ADAPTER.verify(signed(BODY), BODY, strict, SENT_AT + timedelta(minutes=6))


@pytest.mark.parametrize("time", [[], {}, "soon", -(10**30), 10**30, True])
def test_a_signed_time_that_is_no_time_is_refused(time: object) -> None:
    body = json.dumps({"first_sent_at": time, "created_at": 1768032600}).encode()

    assert refused_because(signed(body), body) in ("malformed", "stale")


@pytest.mark.parametrize("body", [b"", b"[]", b"not json", b'{"topic":"ping"}', b"[" * 100_000, b"\xff\xfe"])
def test_a_signed_body_without_a_time_is_left_to_the_parser(body: bytes) -> None:
    ADAPTER.verify(signed(body), body, SECURITY, SENT_AT)


@pytest.mark.parametrize("topic", sorted(TOPIC))
def test_every_topic_has_a_fixture_that_is_read_as_the_table_says(topic: str) -> None:
    event = read(topic)

    assert event.type is TOPIC[topic]
    assert event.ticket == (TICKET if topic.startswith("ticket.") else KEY)
    assert event.kind_raw == topic
    assert event.delivery_key.startswith("notif_")
    assert event.occurred_at == datetime.fromtimestamp(1768032600, UTC)
    assert event.actor_is_us is None


LEGACY = sorted(path.name.removesuffix(".webhook.json") for path in FIXTURES.glob("*.legacy.webhook.json"))


@pytest.mark.parametrize("name", LEGACY)
def test_the_shape_of_api_1_is_read_like_the_modern_one(name: str) -> None:
    event = read(name)

    assert event.type is TOPIC[name.removesuffix(".legacy")]
    assert event.ticket == TicketKey("north", TicketKind.CONVERSATION, "16000000001")


@pytest.mark.parametrize(
    "name", sorted(path.name.removesuffix(".webhook.json") for path in FIXTURES.glob("*.wrapped.webhook.json"))
)
def test_a_part_with_its_ticket_inside_is_read_like_the_ticket(name: str) -> None:
    event = read(name)

    assert event.type is TOPIC[name.removesuffix(".wrapped")]
    assert event.ticket == TICKET
    assert event.actor in ("7001", "7002", "7009", "66f1a0c2b7d84e0012ab34cd")


@pytest.mark.parametrize(
    ("name", "ticket"),
    [
        ("conversation.deleted.by_conversation_id", KEY),
        ("ticket.deleted.by_ticket_id", TICKET),
        ("conversation_part.tag.created.part", KEY),
    ],
)
def test_a_thread_may_be_named_beside_its_id(name: str, ticket: TicketKey) -> None:
    assert read(name).ticket == ticket


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("conversation.user.created", "66f1a0c2b7d84e0012ab34cd"),
        ("conversation.user.created_lead", "66f1a0c2b7d84e0012ab34ce"),
        ("conversation.user.created.legacy", "5bb2f00c0000000000000001"),
        ("conversation.admin.single.created", "7002"),
        ("conversation.admin.single.created.legacy", "7001"),
        ("conversation.admin.noted", "7009"),
        ("conversation.admin.closed", "7002"),
        ("conversation.operator.replied", "7100"),
        ("conversation_part.tag.created", "7001"),
        ("ticket.state.updated", "7001"),
        ("ticket.contact.attached.wrapped", "7002"),
        ("ticket.note.created", "7009"),
        ("ticket.contact.replied", "66f1a0c2b7d84e0012ab34cd"),
    ],
)
def test_the_actor_is_who_wrote_the_triggering_part(name: str, actor: str) -> None:
    assert read(name).actor == actor


@pytest.mark.parametrize(
    "name",
    [
        "conversation_part.tag.created.legacy",  # the part there is the tagged one, by the customer
        "conversation_part.redacted",
        "conversation.read",
        "conversation.deleted",
        "ticket.created",
        "ticket.note.created_two_authors",
        "ticket.contact.attached",
    ],
)
def test_where_the_payload_leaves_a_doubt_no_actor_is_named(name: str) -> None:
    assert read(name).actor is None


@pytest.mark.parametrize("name", ["ticket.state.updated", "ticket.state.updated.wrapped"])
def test_a_tickets_state_change_says_before_and_after(name: str) -> None:
    assert read(name).changes == {"status": ("pending", "open")}


@pytest.mark.parametrize("name", ["ping", "unknown_event", "contact_tag", "user_tag", "company.created"])
def test_what_speaks_of_no_ticket_is_other(name: str) -> None:
    event = read(name)

    assert (event.type, event.ticket) == (EventType.OTHER, None)


@pytest.mark.parametrize("name", ["ping", "no_notification_id"])
def test_without_a_notification_id_the_key_is_a_hash_of_what_it_says(name: str) -> None:
    event = read(name)

    assert event.delivery_key == ADAPTER.content_sha256(webhook(name))
    assert not event.has_delivery_id


def test_a_retry_keeps_its_key() -> None:
    again = json.loads(BODY) | {"delivery_attempts": 3}

    (event,) = ADAPTER.parse({}, json.dumps(again).encode(), "north")

    assert event.delivery_key == read("conversation.user.replied").delivery_key


def test_tries_of_one_notification_say_the_same_and_another_content_does_not() -> None:
    first = json.loads(BODY)
    counted = {"delivery_attempts": 3, "delivery_status": "retry", "delivered_at": 1768032999, "first_sent_at": 1768032000}
    tries = [json.dumps(first | {name: value}).encode() for name, value in counted.items()]
    forged = json.dumps(first | counted | {"topic": "conversation.admin.closed"}).encode()
    digest = ADAPTER.content_sha256

    assert {digest(each) for each in (*tries, json.dumps(first | counted).encode())} == {digest(BODY)}
    assert digest(forged) != digest(BODY)
    assert digest(b"no JSON") == hashlib.sha256(b"no JSON").hexdigest()


@pytest.mark.parametrize("given", ["notif_1:2026", "a b", "é", "x" * 300, 1.5])
def test_an_id_of_other_letters_is_known_by_its_hash_at_each_try(given: object) -> None:
    first, again = (json.dumps(json.loads(BODY) | {"id": given, "delivery_attempts": number}).encode() for number in (1, 2))

    (event,), (repeated,) = ADAPTER.parse({}, first, "north"), ADAPTER.parse({}, again, "north")

    assert event.delivery_key == hashlib.sha256(str(given).encode()).hexdigest() == repeated.delivery_key
    assert event.has_delivery_id


@pytest.mark.parametrize("given", [None, "", {"a": 1}, [], True])
def test_what_has_no_id_is_known_by_what_it_says(given: object) -> None:
    first, again = (json.dumps(json.loads(BODY) | {"id": given, "delivery_attempts": number}).encode() for number in (1, 2))

    (event,), (repeated,) = ADAPTER.parse({}, first, "north"), ADAPTER.parse({}, again, "north")

    assert event.delivery_key == repeated.delivery_key
    assert not event.has_delivery_id


def test_a_part_may_stand_for_its_conversation() -> None:
    item = {"type": "conversation_part", "id": "501", "conversation": {"id": "215470000001"}}
    body = json.dumps({"id": "notif_1", "topic": "conversation_part.tag.created", "data": {"item": item}}).encode()

    (event,) = ADAPTER.parse({}, body, "north")

    assert event.ticket == KEY


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b"", "$"),
        (b"null", "$"),
        (b"[]", "$"),
        (b'{"id":1,"id":2}', "$"),
        (b"[" * 100_000, "$"),
        (b'{"topic":NaN}', "$"),
        (b"{}", "$.topic"),
        (b'{"topic":["x"]}', "$.topic"),
        (webhook("missing_ticket_id"), "$.data.item.id"),
        (b'{"topic":"ticket.created","data":{"item":{"id":"../1"}}}', "$.data.item.id"),
        (b'{"topic":"ticket.created","data":{"item":{"id":{}}}}', "$.data.item.id"),
        (b'{"topic":"ticket.created","data":[]}', "$.data.item.id"),
        (b'{"topic":"conversation.read","data":{"item":{"id":"0"}}}', "$.data.item.id"),
    ],
)
def test_a_wrong_payload_names_the_place(body: bytes, path: str) -> None:
    with pytest.raises(PayloadUnexpected) as caught:
        ADAPTER.parse({}, body, "north")

    assert caught.value.path == path


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)
PLACES = ("id", "created_at", "item", "tags", "parts", "author", "applied_by", "part_type", "conversation", "ticket", "source")


@settings(max_examples=150, deadline=None)
@given(topic=st.sampled_from(sorted(TOPIC)), odd=st.dictionaries(st.sampled_from(PLACES), JSON, max_size=5))
def test_no_odd_payload_raises_anything_but_payload_unexpected(topic: str, odd: dict[str, object]) -> None:
    item = {
        "type": odd.get("item"),
        "id": "7",
        "conversation": odd.get("conversation"),
        "ticket": odd.get("ticket"),
        "source": odd.get("source"),
        "tags": {"tags": [{"applied_at": odd.get("created_at"), "applied_by": odd.get("applied_by")}, odd.get("tags")]},
        "ticket_parts": {"ticket_parts": [{"part_type": odd.get("part_type"), "author": odd.get("author")}, odd.get("parts")]},
        "conversation_parts": {"conversation_parts": odd.get("parts", [{"author": odd.get("author")}])},
    }
    body = json.dumps({"topic": topic, "id": odd.get("id"), "created_at": odd.get("created_at"), "data": {"item": item}})

    try:
        (event,) = ADAPTER.parse({}, body.encode(), "north")
    except PayloadUnexpected as error:
        assert error.path.startswith("$")
    else:
        assert event.type is TOPIC[topic]


@settings(max_examples=100, deadline=None)
@given(
    body=st.binary(max_size=200), signature=st.text(max_size=60), name=st.sampled_from(["x-hub-signature", "x-body-signature"])
)
def test_no_forged_delivery_passes(body: bytes, signature: str, name: str) -> None:
    with pytest.raises(SignatureInvalid):
        ADAPTER.verify({name: signature}, body, SECURITY, SENT_AT)
