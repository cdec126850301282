"""F74: 403 for one ticket, which our user may not see or change. That ticket is set aside for a person; the account goes on."""

from __future__ import annotations

from pathlib import Path

from tests.faults.common import assert_written_once, blocked_s, each_helpdesk, outage, set_aside, written
from tests.harness.deskhand import deskhand


@each_helpdesk
def test_F74_a_ticket_that_may_not_be_read_waits_for_a_person(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        hidden, other = outage(run), outage(run)
        run.desk.faults.order("403", method="GET", path=f"/{hidden}\\b", times=None)
        run.settle(60)

        assert list(set_aside(run)) == [run.key(hidden)]
        assert "forbidden" in set_aside(run)[run.key(hidden)]
        assert blocked_s(run) == 0
        assert_written_once(run, other)


@each_helpdesk
def test_F74_a_ticket_that_may_not_be_changed_is_tried_once(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        locked, other = outage(run), outage(run)
        for method in ("PUT", "POST"):
            run.desk.faults.order("403", method=method, path=f"/{locked}\\b", times=None)
        run.settle(60)

        refused = [each for each in run.desk.effects.calls(locked) if each.status == 403]
        assert 1 <= len(refused) <= len({(each.method, each.path, str(each.body)) for each in refused})
        assert written(run, locked) == 0
        said = " ".join([*set_aside(run).values(), *(row["reason"] for row in run.newest_runs(locked))])
        assert "forbidden" in said or "403" in said
        assert blocked_s(run) == 0
        assert_written_once(run, other)
