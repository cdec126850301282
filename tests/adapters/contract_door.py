"""What every adapter proves at the door: signatures and payloads."""

from __future__ import annotations

import json
from datetime import timedelta

from adapters.errors import (
    PayloadUnexpected,
    SignatureInvalid,
)
from adapters.helpdesk import WebhookSecurity
from adapters.ticket import EventType
from tests.adapters.ground import OTHER_SECRET, Ground, error_of


def a_good_signature_passes(ground: Ground) -> None:
    body = ground.delivery()

    assert ground.lets_in(ground.headers(body), body, ground.helpdesk.account.webhook, ground.desk.clock())


def a_missing_signature_is_refused(ground: Ground) -> None:
    body, security = ground.delivery(), ground.helpdesk.account.webhook

    error = error_of(SignatureInvalid, ground.verify, {}, body, security)

    assert error.reason == "missing"


def an_altered_signature_is_refused(ground: Ground) -> None:
    body, security = ground.delivery(), ground.helpdesk.account.webhook

    for name, value in ground.headers(body).items():
        for altered in (value[:-3] + "AAA", value.swapcase(), "", "ÿ" + value, "\udcff"):
            headers = ground.headers(body) | {name: altered}
            error_of(
                SignatureInvalid, lambda headers=headers: ground.adapter.verify(headers, body, security, ground.desk.clock())
            )


def an_altered_body_is_refused_where_bodies_are_signed(ground: Ground) -> None:
    body, security = ground.delivery(), ground.helpdesk.account.webhook
    headers = ground.headers(body)
    altered = bytes((body[0] ^ 1,)) + body[1:]

    if ground.bench.signs_body:
        error_of(SignatureInvalid, ground.verify, headers, altered, security)
    else:  # then nothing in a body may be believed but which ticket to read: the key must tell any two bodies apart
        keys = {ground.adapter.parse({}, each, "main")[0].delivery_key for each in (body, body + b" ")}
        assert len(keys) == 2


def both_secrets_pass_while_one_is_changed(ground: Ground) -> None:
    body = ground.delivery()

    for secrets in ((OTHER_SECRET, ground.desk.secret), (ground.desk.secret, OTHER_SECRET)):
        assert ground.lets_in(ground.headers(body), body, WebhookSecurity(secrets=secrets), ground.desk.clock())


def no_secret_lets_nobody_in(ground: Ground) -> None:
    body = ground.delivery()

    for secrets in ((), ("",)):
        security = WebhookSecurity(secrets=secrets)
        error_of(SignatureInvalid, ground.verify, ground.headers(body), body, security)


def an_old_time_is_refused_where_a_time_is_signed(ground: Ground) -> None:
    body, security, now = ground.delivery(), ground.helpdesk.account.webhook, ground.desk.clock()
    headers = ground.headers(body)

    if ground.bench.window_s is None:
        assert ground.lets_in(headers, body, security, now + timedelta(days=1))
        return
    old_s, ahead_s = ground.bench.window_s
    for inside_s in (old_s - 5, 5 - ahead_s):
        assert ground.lets_in(headers, body, security, now + timedelta(seconds=inside_s))
    for outside_s in (old_s + 5, -ahead_s - 5):
        moment = now + timedelta(seconds=outside_s)
        error = error_of(SignatureInvalid, ground.adapter.verify, headers, body, security, moment)
        assert error.reason == "stale"


def a_delivery_names_its_ticket_and_has_a_lasting_key(ground: Ground) -> None:
    first, second = ground.delivery(), ground.delivery()

    keys = [[event.delivery_key for event in ground.adapter.parse({}, body, "main")] for body in (first, first, second)]
    events = ground.adapter.parse({}, first, "main")

    assert keys[0] == keys[1]
    assert keys[0] != keys[2]
    assert events[0].ticket is not None
    assert events[0].ticket.account == "main"
    assert events[0].ticket.external_id in ground.desk.ids()
    assert events[0].type is EventType.TICKET_CREATED


def an_unknown_event_is_kept(ground: Ground) -> None:
    body = json.dumps(ground.bench.unknown_event).encode()

    events = ground.adapter.parse({}, body, "main")

    assert len(events) == 1
    assert events[0].type in (EventType.OTHER, EventType.TICKET_UPDATED)
    assert events[0].delivery_key


def a_wrong_payload_names_the_path(ground: Ground) -> None:
    body = json.dumps(ground.bench.wrong_payload).encode()

    error = error_of(PayloadUnexpected, ground.adapter.parse, {}, body, "main")

    assert error.path == ground.bench.wrong_path


def a_body_that_is_no_object_is_refused(ground: Ground) -> None:
    for body in (b"", b"[]", b"null", b'"x"', b"\xff\xfe", b"{", b'{"a": 1, "a": 2}', b"[" * 100_000):
        error_of(PayloadUnexpected, ground.adapter.parse, {}, body, "main")
