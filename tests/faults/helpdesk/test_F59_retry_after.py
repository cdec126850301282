"""F59: 429 with a Retry-After in every form. What it says is waited for, between 1 s and 15 min, by all workers alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.pipeline.claim import run_ticket
from bot.runtime.bootstrap import make_runtime
from tests.faults.common import (
    assert_written_once,
    blocked_s,
    burnt,
    each_helpdesk,
    let_time_pass,
    outage,
    set_aside,
    work_once,
    writes_sent,
)
from tests.harness.deskhand import deskhand


def _forms() -> list[tuple[str, float, float]]:
    """What the header says, and between which waits that is."""
    now = datetime.now(UTC)
    in_a_minute, a_minute_ago = (format_datetime(now + timedelta(seconds=s), usegmt=True) for s in (90, -60))
    return [
        ("7", 1.5, 7),
        ("0", 0, 1),
        ("-5", 0, 1),
        ("999999", 800, 900),
        ("1e400", 800, 900),
        (in_a_minute, 40, 90),
        (a_minute_ago, 0, 1),
        ("soon", 1, 15),
        ("nan", 1, 15),
    ]


@each_helpdesk
def test_F59_every_form_of_the_header_gives_its_wait(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)

        for said, least, most in _forms():
            run.desk.faults.order("429", retry_after=said)
            work_once(run, ticket)
            assert least <= blocked_s(run) <= most + 1, said  # the budget adds a little; a busy machine takes some
            assert burnt(run, ticket) == (0, 0)
            let_time_pass(run)
        run.settle(60)

        assert_written_once(run, ticket)
        assert not set_aside(run)


@each_helpdesk
def test_F59_no_worker_calls_while_one_was_told_to_wait(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        first, second = outage(run), outage(run)
        another = make_runtime(run.config)
        run.desk.faults.order("429", retry_after=600)

        work_once(run, first)
        calls = len(run.desk.effects.calls())
        claimed = [run_ticket(run.key(ticket), parts) for ticket in (first, second) for parts in (run.parts, another)]

        assert claimed == [False] * 4
        assert len(run.desk.effects.calls()) == calls
        another.engine.dispose()


@pytest.mark.parametrize(("provider", "method"), [("zendesk", "PUT"), ("intercom", "POST"), ("freshdesk", "PUT")])
def test_F59_a_write_that_is_told_to_wait_was_no_try_and_is_made_once(tmp_path: Path, provider: str, method: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.desk.faults.order("429", method=method, path="/conversations/|/tickets/", retry_after=600)

        work_once(run, ticket)
        waiting = [each for each in run.requests(ticket) if each.state == "intended"]
        let_time_pass(run)
        run.settle(60)

        assert [each.attempts for each in waiting] == [0] * len(waiting) != []
        assert_written_once(run, ticket)
        assert {each.attempts for each in run.requests(ticket) if each.state == "confirmed"} == {1}
        assert [each.status for each in writes_sent(run, ticket)].count(429) == 1
