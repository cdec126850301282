"""F68: the ticket changed since it was read, and the helpdesk refuses the write (409). Read, plan anew, at last with pauses."""

from __future__ import annotations

import itertools
from pathlib import Path

from bot.writes.ledger import CONFLICT_WAITS_S
from tests.faults.common import assert_written_once, let_time_pass, outage, set_aside, work_once, writes_sent, written
from tests.harness.deskhand import ANNA, Running, deskhand


def _interfere(run: Running, ticket: str, times: int | None) -> list[str]:
    """An agent's tag just before each write of ours; the tags that were put on."""
    tags: list[str] = []
    numbers = itertools.count(1)

    def put(method: str, path: str) -> None:
        if method == "PUT" and ticket in path and (times is None or len(tags) < times):
            tags.append(f"seen-{next(numbers)}")
            run.desk.agent_update(ticket, agent=ANNA, tags_add=[tags[-1]])

    run.desk.faults.before_call(put)
    return tags


def test_F68_a_write_that_came_too_late_is_planned_anew(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = outage(run)
        tags = _interfere(run, ticket, times=1)

        work_once(run, ticket)

        assert [each.status for each in writes_sent(run, ticket)] == [409, 200]
        assert_written_once(run, ticket)
        assert set(tags) <= run.view(ticket).tags


def test_F68_two_edits_within_one_second_are_both_kept(tmp_path: Path) -> None:
    """The helpdesk's stamp counts whole seconds: an edit in the second of our new read must not hide behind it."""
    with deskhand(tmp_path, "zendesk") as run:
        ticket = outage(run)
        tags = _interfere(run, ticket, times=2)

        run.settle(60)

        assert len(tags) == 2
        assert set(tags) <= run.view(ticket).tags
        assert_written_once(run, ticket)


def test_F68_a_ticket_that_never_holds_still_waits_for_a_person(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        ticket = outage(run)
        tags = _interfere(run, ticket, times=None)

        for _ in CONFLICT_WAITS_S:
            assert not set_aside(run)
            work_once(run, ticket)
            let_time_pass(run)

        assert [each.status for each in writes_sent(run, ticket)] == [409] * (len(CONFLICT_WAITS_S) + 1)
        assert "changed" in set_aside(run)[run.key(ticket)]
        assert written(run, ticket) == 0
        assert set(tags) <= run.view(ticket).tags
