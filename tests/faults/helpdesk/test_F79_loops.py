"""F79: events of our own writes, and another bot that answers each of ours. Our own tell nothing new; a loop is answered three
times, and then late.

Two Deskhands on one account: tests/chaos (`make chaos-loop`).
"""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once, each_helpdesk, outage, set_aside, writes_sent, written
from tests.harness.deskhand import Running, deskhand

ROUNDS = 5
AT_ONCE = 4  # the note on the outage, and three answers


@each_helpdesk
def test_F79_our_own_writes_are_no_news(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle(60)
        sent, calls = len(writes_sent(run, ticket)), len(run.desk.effects.calls())

        run.poll()
        run.settle(60)

        assert_written_once(run, ticket)
        assert len(writes_sent(run, ticket)) == sent
        assert len([each for each in run.desk.effects.calls()[calls:] if each.ticket == ticket]) <= 2  # the poll's own look
        assert len([row for row in run.newest_runs(ticket) if row["is_writing"]]) == 1


@each_helpdesk
def test_F79_a_bot_that_answers_every_note_is_answered_three_times_and_then_late(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = outage(run)
        run.settle(60)
        for round_ in range(ROUNDS):
            answer_like_a_bot(run, ticket, round_)
            run.settle(60)

        assert written(run, ticket) == AT_ONCE
        assert len([row for row in run.newest_runs(ticket) if row["is_writing"]]) == AT_ONCE
        assert set_aside(run) == {}
        assert "said again what was said" in run.newest_runs(ticket)[0]["reason"]


def answer_like_a_bot(run: Running, ticket: str, number: int) -> None:
    run.desk.customer_reply(ticket, f"This is an answer, number {number}: everything is down.")
