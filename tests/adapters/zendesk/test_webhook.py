"""Zendesk's webhooks: what proves one, and what each kind says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.helpdesk import WebhookSecurity
from adapters.ticket import Event, EventType
from adapters.zendesk.webhook import KIND, SIGNATURE, TIMESTAMP, parse, verify
from tests.adapters.zendesk.account import FIXTURES, KEY, SECRET, webhook

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BODY = b'{"ticket_id": "42"}'
SECURITY = WebhookSecurity(secrets=("the-new-secret", SECRET))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=8,
)


def signed(body: bytes = BODY, secret: str = SECRET, at: datetime | str = NOW) -> dict[str, str]:
    stamp = at if isinstance(at, str) else at.isoformat().replace("+00:00", "Z")
    digest = hmac.new(secret.encode(), stamp.encode() + body, hashlib.sha256).digest()
    return {SIGNATURE: base64.b64encode(digest).decode(), TIMESTAMP: stamp}


def refused(headers: dict[str, str], body: bytes = BODY, security: WebhookSecurity = SECURITY) -> str:
    with pytest.raises(SignatureInvalid) as caught:
        verify(headers, body, security, NOW)
    return caught.value.reason


def parsed(name: str) -> Event:
    (event,) = parse({}, webhook(name), "acme")
    return event


@pytest.mark.parametrize("secret", SECURITY.secrets)
def test_either_secret_proves_a_delivery(secret: str) -> None:
    verify(signed(secret=secret), BODY, SECURITY, NOW)


def test_a_known_vector_is_accepted() -> None:
    """Computed with openssl: printf '2026-01-02T03:04:05Z{}' | openssl dgst -sha256 -hmac key -binary | base64"""
    headers = {SIGNATURE: "8IU0gBfVsHo3vzRrZQxqNIr4UNwpNAcOEpzgbZvFkl4=", TIMESTAMP: "2026-01-02T03:04:05Z"}

    verify(headers, b"{}", WebhookSecurity(secrets=("key",)), NOW)


@pytest.mark.parametrize("name", [SIGNATURE, TIMESTAMP])
def test_a_missing_header_is_refused(name: str) -> None:
    headers = signed()
    del headers[name]

    assert refused(headers) == "missing"


def test_a_flipped_bit_is_refused() -> None:
    assert refused(signed(), BODY.replace(b"42", b"43")) == "mismatch"


def test_an_unknown_secret_and_no_secret_are_refused() -> None:
    assert refused(signed(secret="another")) == "mismatch"
    assert refused(signed(secret=""), security=WebhookSecurity(secrets=("",))) == "mismatch"


def test_the_secret_that_everybody_knows_is_refused() -> None:
    public = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="

    assert refused(signed(secret=public), security=WebhookSecurity(secrets=(public,))) == "mismatch"


@pytest.mark.parametrize("signature", ["sha256=abc", "ü" * 20, "\x00", "\ud800", "A" * 10_000, "ABCDEF", " "])
def test_a_garbage_signature_is_refused_and_no_error(signature: str) -> None:
    assert refused(signed() | {SIGNATURE: signature}) in ("mismatch", "malformed")


@pytest.mark.parametrize(
    "stamp", ["nan", "1e400", "-5", "9" * 10_000, "ü", "\ud800", "0001-01-01T00:00:00+23:59", "1767323045.5"]
)
def test_a_garbage_timestamp_is_refused_and_no_error(stamp: str) -> None:
    assert refused(signed() | {TIMESTAMP: stamp}) == "malformed"


@pytest.mark.parametrize("minutes", [-10, 10])
def test_an_old_or_early_delivery_is_stale(minutes: int) -> None:
    assert refused(signed(at=NOW + timedelta(minutes=minutes))) == "stale"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_the_edge_of_the_window_is_inside(seconds: int) -> None:
    verify(signed(at=NOW + timedelta(seconds=seconds)), BODY, SECURITY, NOW)


def test_a_timestamp_with_a_fraction_is_signed_as_it_is_written() -> None:
    verify(signed(at="2026-01-02T03:04:05.123Z"), BODY, SECURITY, NOW)


@given(st.dictionaries(st.sampled_from([SIGNATURE, TIMESTAMP]), st.text()))
def test_any_headers_are_refused_without_another_error(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid):
        verify(headers, BODY, SECURITY, NOW)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ticket_created", EventType.TICKET_CREATED),
        ("comment_added_by_customer", EventType.CUSTOMER_REPLIED),
        ("comment_added_by_agent", EventType.AGENT_REPLIED),
        ("comment_added_privately", EventType.NOTE_CREATED),
        ("comment_added_without_author", EventType.CUSTOMER_REPLIED),  # the actor is the requester
        ("comment_added_by_whom", EventType.TICKET_UPDATED),  # nobody says; the snapshot will
        ("status_changed", EventType.STATUS_CHANGED),
        ("priority_changed", EventType.PRIORITY_CHANGED),
        ("agent_assignment_changed", EventType.ASSIGNEE_CHANGED),
        ("group_assignment_changed", EventType.ASSIGNEE_CHANGED),
        ("tags_changed", EventType.TAGS_CHANGED),
        ("merged", EventType.TICKET_MERGED),
        ("soft_deleted", EventType.TICKET_DELETED),
        ("marked_as_spam", EventType.TICKET_DELETED),
        ("custom_field_changed", EventType.TICKET_UPDATED),
        ("missing_requester", EventType.TICKET_CREATED),
        ("unknown_event", EventType.OTHER),
    ],
)
def test_an_event_of_a_ticket_names_kind_and_ticket(name: str, kind: EventType) -> None:
    event = parsed(name)

    assert (event.type, event.ticket) == (kind, KEY)


@pytest.mark.parametrize("name", sorted(KIND))
def test_every_kind_of_the_table_reaches_its_ticket(name: str) -> None:
    payload = json.loads(webhook("soft_deleted")) | {"type": f"zen:event-type:ticket.{name}"}

    (event,) = parse({}, json.dumps(payload).encode(), "acme")

    assert (event.type, event.ticket, event.kind_raw) == (KIND[name], KEY, f"ticket.{name}")


@pytest.mark.parametrize("name", ["user_event", "organization_event"])
def test_events_of_people_and_companies_are_kept_without_a_ticket(name: str) -> None:
    event = parsed(name)

    assert (event.type, event.ticket) == (EventType.OTHER, None)


def test_an_envelope_gives_its_id_actor_and_time() -> None:
    event = parsed("status_changed")

    assert (event.delivery_key, event.has_delivery_id) == ("ev-ticket-status-changed-1", True)
    assert (event.actor, event.actor_is_us) == ("9001", None)
    assert event.occurred_at == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("status_changed", {"status": ("new", "open")}),
        ("priority_changed", {"priority": ("none", "urgent")}),
        ("agent_assignment_changed", {"assignee": (None, "7002")}),
        ("group_assignment_changed", {"team": (None, "4001")}),
        ("tags_changed", {"tags": (["new", "vip"], ["outage", "vip"])}),
        ("tags_changed_as_lists", {"tags": (["vip"], ["outage", "vip"])}),
        ("custom_field_changed", {}),
        ("ticket_created", {}),
    ],
)
def test_changes_are_in_our_words(name: str, changes: object) -> None:
    assert parsed(name).changes == changes


def test_an_id_as_a_number_or_only_in_the_subject_is_enough() -> None:
    payload = json.loads(webhook("status_changed"))

    (as_number,) = parse({}, json.dumps(payload | {"detail": {"id": 42}}).encode(), "acme")
    (in_subject,) = parse({}, json.dumps(payload | {"detail": {"id": ""}}).encode(), "acme")

    assert as_number.ticket == in_subject.ticket == KEY


def test_a_trigger_names_its_ticket_and_who_did_it() -> None:
    event = parsed("trigger")

    assert (event.type, event.ticket, event.actor) == (EventType.TICKET_UPDATED, KEY, "9001")
    assert (event.delivery_key, event.has_delivery_id) == (hashlib.sha256(webhook("trigger")).hexdigest(), False)
    assert event.occurred_at == NOW


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("created", EventType.TICKET_CREATED),
        ("Customer.Replied", EventType.CUSTOMER_REPLIED),
        ("rated", EventType.RATING_RECEIVED),
        ("something else", EventType.TICKET_UPDATED),
        ("other", EventType.TICKET_UPDATED),
        (7, EventType.TICKET_UPDATED),
    ],
)
def test_a_trigger_says_its_event_in_its_authors_words(word: object, kind: EventType) -> None:
    (event,) = parse({}, json.dumps({"ticket_id": 42, "event": word, "updated_at": "January 2"}).encode(), "acme")

    assert (event.type, event.occurred_at) == (kind, None)


def test_a_name_instead_of_a_users_id_is_no_actor() -> None:
    (event,) = parse({}, b'{"ticket": {"id": 42}, "current_user": "Anna Agent"}', "acme")

    assert (event.ticket, event.actor) == (KEY, None)


def test_a_trigger_broken_by_a_quote_still_names_its_ticket() -> None:
    (event,) = parse({}, (FIXTURES / "trigger_broken.webhook.txt").read_bytes(), "acme")

    assert (event.type, event.ticket, event.raw) == (EventType.TICKET_UPDATED, KEY, None)


def test_a_broken_trigger_that_names_two_tickets_is_read_by_its_first_member() -> None:
    (event,) = parse({}, b'{"ticket_id":"42","title":"He wrote "ticket_id":"7" there"}', "acme")

    assert event.ticket == KEY


@pytest.mark.parametrize("who", ["9001", 9001, {"id": 9001, "name": "Anna"}, {"id": "9001"}])
def test_a_triggers_user_may_be_an_object(who: object) -> None:
    (event,) = parse({}, json.dumps({"ticket_id": 42, "current_user": who}).encode(), "acme")

    assert event.actor == "9001"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (webhook("wrong_id"), "$.detail.id"),
        (b'{"type": "zen:event-type:ticket.created", "id": "x"}', "$.detail.id"),
        (b'{"type": "zen:event-type:ticket.created", "detail": {"id": "../1"}}', "$.detail.id"),
        (b'{"ticket_id": "abc"}', "$.ticket_id"),
        (b'{"ticket_id": -1}', "$.ticket_id"),
        (b'{"ticket_id": null}', "$.ticket_id"),
        (b'{"hello": 1}', "$.ticket_id"),
        (b'[]', "$"),
        (b'null', "$"),
        (b'', "$"),
        (b'{"ticket_id": ' + b"9" * 400 + b"}", "$"),
    ],
)  # fmt: skip
def test_a_wrong_payload_names_the_place(body: bytes, path: str) -> None:
    with pytest.raises(PayloadUnexpected) as caught:
        parse({}, body, "acme")

    assert caught.value.path == path


@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        parse({}, body, "acme")
    except PayloadUnexpected as error:
        assert error.path.startswith("$")


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from([f"zen:event-type:ticket.{name}" for name in KIND])},
        optional={
            "id": JSON.filter(lambda value: not str(value).isdecimal()),
            "time": JSON,
            "subject": JSON,
            "detail": JSON,
            "event": JSON,
        },
    ),
    st.sampled_from(["actor_id", "tags", "requester_id", "status"]),
    JSON,
)
def test_an_envelope_with_a_tickets_id_is_read_whatever_else_is_odd(payload: dict[str, object], name: str, value: object) -> None:
    payload = payload | {"detail": {"id": "42", name: value}}
    try:
        (event,) = parse({}, json.dumps(payload).encode(), "acme")
    except PayloadUnexpected as error:
        assert error.path == "$"  # no JSON for us at all: a number of more than 40 digits
        return

    assert event.ticket == KEY
    json.dumps(dict(event.changes))
