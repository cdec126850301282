"""What any helpdesk's answer says: how long to wait, whether it is JSON, and nothing of what proved us."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from adapters.answers import (
    MAX_ANSWER_BYTES,
    MAX_RETRY_AFTER_S,
    UNTOLD_S,
    is_json,
    retry_after_s,
    whole_body,
    without_credentials,
)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"Retry-After": "Fri, 02 Jan 2026 03:05:05 GMT"}, 60),
        ({"Retry-After": "Fri, 02 Jan 2026 03:00:00 GMT"}, 1),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "999999"}, MAX_RETRY_AFTER_S),
        ({"Retry-After": "1e400"}, MAX_RETRY_AFTER_S),
        ({"X-RateLimit-Reset": str(int(NOW.timestamp()) + 20)}, 20),
        ({"ratelimit-reset": "42", "ratelimit-remaining": "0"}, 42),
        ({"rate-limit-reset": "42"}, 42),
        ({"zendesk-ratelimit-tickets-update": "total=20; remaining=0; resets=59"}, 59),
    ],
)
def test_how_long_to_wait_is_read_from_the_headers(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers, NOW) == seconds


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "nan"},
        {"Retry-After": "soon"},
        {"zendesk-ratelimit-tickets-update": "total=20; remaining=3; resets=59"},
    ],
)
def test_a_wait_that_nobody_tells_is_drawn(headers: dict[str, str]) -> None:
    drawn = {retry_after_s(headers, NOW) for _ in range(20)}

    assert len(drawn) > 1
    assert all(UNTOLD_S[0] <= each <= UNTOLD_S[1] for each in drawn)


@given(st.text(max_size=40))
def test_any_header_gives_a_wait_within_bounds(text: str) -> None:
    assert 1 <= retry_after_s({"Retry-After": text}, NOW) <= MAX_RETRY_AFTER_S


def arriving(*parts: bytes) -> requests.Response:
    """An answer whose body comes in these parts."""
    answer = requests.Response()
    answer.iter_content = lambda *_args, **_kwargs: iter(parts)  # type: ignore[method-assign]
    return answer


def test_a_body_is_its_parts_in_order() -> None:
    assert whole_body(arriving(b'{"a"', b": 1}"), time.monotonic() + 5) == b'{"a": 1}'


def test_a_body_that_comes_after_the_deadline_is_none() -> None:
    with pytest.raises(requests.Timeout):
        whole_body(arriving(b"{}"), time.monotonic() - 1)


def test_a_body_that_does_not_end_is_too_large() -> None:
    part = b" " * (MAX_ANSWER_BYTES // 2)

    with pytest.raises(requests.ConnectionError, match="too large"):
        whole_body(arriving(part, part, b"x"), time.monotonic() + 5)


@pytest.mark.parametrize(
    ("content", "whole"),
    [(b"", True), (b" \n", True), (b"{}", True), (b"<html>", False), (b'{"a"', False), (b"[" * 100_000, False)],
)
def test_nothing_and_json_are_answers(content: bytes, whole: bool) -> None:
    assert is_json(content) is whole


def test_a_bearer_token_is_taken_out_and_an_address_stays() -> None:
    said = b'{"error": "canary-token of bot@example.com"}'

    assert without_credentials(said, "Bearer canary-token") == b'{"error": "[redacted] of bot@example.com"}'


def test_a_basic_login_is_taken_out_whole_and_in_parts() -> None:
    login = base64.b64encode(b"canary-key:X")

    assert without_credentials(b"canary-key X " + login, b"Basic " + login) == b"[redacted] X [redacted]"
