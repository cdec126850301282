"""F57: RQ forks for each job, after the parent has opened the database. A child makes its own connections: nothing is shared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, let_time_pass, outage
from tests.harness.deskhand import deskhand
from tests.harness.nursery import Nursery, wait


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_F57_children_work_at_once_on_connections_of_their_own(
    tmp_path: Path, where: str, nursed: Nursery, request: pytest.FixtureRequest
) -> None:
    database = request.getfixturevalue("postgres_url") if where == "postgresql" else None
    with deskhand(tmp_path, "freshdesk", database=database) as run:
        tickets = [outage(run) for _ in range(4)]
        let_time_pass(run)
        keys = [str(run.key(ticket)) for ticket in tickets]
        log, environment = tmp_path / "forking.log", {"DESKHAND_CONFIG": str(run.config.path)}

        code = wait(nursed.start("tests.faults.forking_worker", *keys, log=log, environment=environment), 100)

        said = log.read_text(encoding="utf-8")
        assert code == 0, said[-2000:]
        assert "Error" not in said
        run.settle(60)
        for ticket in tickets:
            assert_written_once(run, ticket)
