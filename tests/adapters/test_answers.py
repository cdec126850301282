"""What any helpdesk's answer says: how long to wait, whether it is JSON, and nothing of what proved us."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.answers import MAX_RETRY_AFTER_S, UNTOLD_S, retry_after_s

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
