"""F64: the connection is reset after the helpdesk applied a write, or before: nobody can tell, so the ticket is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.store import duplicate_notes
from bot.store.database.engine import reading
from bot.store.database.schema import due
from sandbox.stories.config import SECRETS
from tests.faults.common import assert_written_once, blind_repeats, each_helpdesk, outage, written
from tests.harness.deskhand import DESKS, NINA, Running, delivered, deskhand
from tests.parity.playing import MovedClock

MINUTE = timedelta(minutes=1)
NOTE = {"zendesk": ("PUT", r"/tickets/\d+$"), "intercom": ("POST", "/reply$"), "freshdesk": ("POST", "/notes$")}
# What is asked when the note is looked for, and how many such reads come before.
LOOK = {"zendesk": ("/comments", 1), "intercom": (r"/conversations/\d+$", 1), "freshdesk": ("/conversations", 0)}
RULES = """
rules:
  - id: printer
    when: {subject: {has: printer}}
    then: [{raise_priority: high}, {add_tags: [hardware]}, {add_note: Look at the driver first.}]
"""


@each_helpdesk
@pytest.mark.parametrize("fault", ["reset_after_commit", "reset_before"])
def test_F64_a_write_whose_connection_broke_is_found_or_sent_again(tmp_path: Path, provider: str, fault: str) -> None:
    with deskhand(tmp_path, provider) as run:
        for method in ("PUT", "POST", "DELETE"):
            run.desk.faults.order(fault, method=method)

        ticket = outage(run)
        run.settle(60)

        assert not blind_repeats(run, ticket)
        assert_written_once(run, ticket)


@each_helpdesk
def test_F64_a_note_that_no_look_shows_is_seen_by_the_read_before_the_second_sending(tmp_path: Path, provider: str) -> None:
    """Reads lag behind for longer than the settle time, so that both looks for the note are answered without it."""
    (tmp_path / "printer.yaml").write_text(RULES, encoding="utf-8")
    clock = MovedClock(datetime.now(UTC) - 2 * MINUTE)
    desk = DESKS[provider](secret=SECRETS[provider], time_scale=0.001, clock=clock)
    # On a busy machine too: no read comes between, which the faults would count, nor is the settle time over before the looks.
    flow = {"snapshot_fresh_s": 60.0, "settle_s": 4.0}
    with deskhand(tmp_path, provider, desk=desk, rules=str(tmp_path / "printer.yaml"), flow=flow) as run:
        ticket = asked_twice(run, clock)
        lose_the_answer_and_lag(run)

        run.settle(60)

        struck = [each.fault for each in desk.effects.calls(ticket) if each.fault]
        assert struck == ["reset_after_commit", "stale_read", "stale_read"]
        assert (written(run, ticket), len(run.view(ticket).bot_notes)) == (1, 1)
        assert (run.priority(ticket), "hardware" in run.view(ticket).tags) == ("high", True)
        assert {each.state for each in run.requests(ticket)} == {"confirmed"}
        assert sent_again(run) == (0, 0)


def asked_twice(run: Running, clock: MovedClock) -> str:
    """A ticket whose past is long enough to lag behind in: the helpdesk's clock ends where ours is."""
    told, run.desk.webhooks.target = run.desk.webhooks.target, None
    ticket = run.desk.create_ticket(requester=NINA, subject="Printer driver", body="The printer driver crashes with an error.")
    clock.move(MINUTE)
    run.desk.webhooks.target = told
    run.desk.customer_reply(ticket, "It crashes again.")
    delivered(run.desk)
    clock.move(MINUTE)
    return ticket


def lose_the_answer_and_lag(run: Running) -> None:
    method, path = NOTE[run.provider]
    run.desk.faults.order("reset_after_commit", method=method, path=path)
    path, before = LOOK[run.provider]
    run.desk.faults.order("stale_read", method="GET", path=path, after_n=before, times=2, seconds=30.0)


def sent_again(run: Running) -> tuple[int, int]:
    """Doubled notes that were counted, and times at which to look for some: there are such only after a second sending."""
    with reading(run.parts.engine) as connection:
        return duplicate_notes.count(connection), len(connection.execute(select(due.c.id)).all())
