"""F39: the host's clock jumps back an hour or ahead a day, in the middle of a run. Nothing is lost and nothing done twice: leases
and rests are measured by a clock that nobody can set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, each_helpdesk, outage, set_aside, written
from tests.faults.held_database import knock, undelivered
from tests.harness.deskhand import Running, deskhand

jumps = pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)], ids=["back an hour", "ahead a day"])


@dataclass(slots=True)
class Clock:
    wrong_by: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.wrong_by


@contextmanager
def jumping(folder: Path, provider: str, database: str | None, jump: timedelta) -> Iterator[tuple[Running, Clock]]:
    """The clock jumps at the first write."""
    clock = Clock()
    with deskhand(folder, provider, database=database, clock=clock) as run:

        def at_a_write(method: str, path: str) -> None:
            if method in ("PUT", "POST"):
                clock.wrong_by = jump

        run.desk.faults.before_call(at_a_write)
        yield run, clock


@jumps
@each_helpdesk
def test_F39_a_run_ends_as_it_would_have(tmp_path: Path, provider: str, jump: timedelta) -> None:
    with jumping(tmp_path, provider, None, jump) as (run, clock):
        ticket = outage(run)
        run.settle(30)

        assert clock.wrong_by == jump
        assert_written_once(run, ticket)
        assert not set_aside(run)
        assert len([row for row in run.newest_runs(ticket) if row["is_writing"]]) == 1


@jumps
def test_F39_a_lost_answer_is_settled_all_the_same(tmp_path: Path, database: str | None, jump: timedelta) -> None:
    with jumping(tmp_path, "freshdesk", database, jump) as (run, _):
        run.desk.faults.order("reset_after_commit", method="POST", path="/notes")
        ticket = outage(run)
        run.settle(30)

        assert_written_once(run, ticket)
        assert not set_aside(run)


@jumps
def test_F39_what_was_refused_while_the_clock_was_wrong_is_found_by_the_poll(tmp_path: Path, jump: timedelta) -> None:
    """Zendesk signs a time. With a clock that is wrong every delivery looks too old, or comes from the future."""
    clock = Clock()
    with deskhand(tmp_path, "zendesk", clock=clock) as run:
        delivery = undelivered(run)
        clock.wrong_by = jump
        refused = knock(run, delivery)
        clock.wrong_by = timedelta()
        run.poll()
        run.settle(30)

        assert refused.status == 401
        assert_written_once(run, delivery.ticket)
        assert written(run, delivery.ticket) == 1
