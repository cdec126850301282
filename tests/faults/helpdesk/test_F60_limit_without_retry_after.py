"""F60: 429 without a Retry-After. The vendor's own reset header says how long; without one the wait is drawn."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, blocked_s, burnt, let_time_pass, outage, work_once
from tests.harness.deskhand import PROVIDERS, deskhand

RESETS = {
    "zendesk": lambda: {"ratelimit-limit": "200", "ratelimit-remaining": "0", "ratelimit-reset": "42"},
    "intercom": lambda: {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 42)},
}


@pytest.mark.parametrize("provider", RESETS)
def test_F60_a_used_up_limit_says_when_it_begins_anew(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.desk.faults.order("429", headers=RESETS[provider]())

        work_once(run, ticket)

        assert 30 < blocked_s(run) <= 43  # the budget adds half a second
        assert burnt(run, ticket) == (0, 0)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_F60_without_any_word_the_wait_is_drawn_and_nothing_is_burnt(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        waits = []
        for _ in range(4):
            run.desk.faults.order("429")
            work_once(run, ticket)
            waits.append(blocked_s(run))
            let_time_pass(run)
        run.settle(60)

        assert all(1 < wait <= 15 for wait in waits)
        assert max(waits) - min(waits) > 0.05  # not all at one moment
        assert burnt(run, ticket) == (0, 0)
        assert_written_once(run, ticket)
