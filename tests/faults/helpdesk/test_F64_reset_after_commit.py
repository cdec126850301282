"""F64: the connection is reset after the helpdesk applied a write, or before: nobody can tell, so the ticket is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, blind_repeats, each_helpdesk, outage
from tests.harness.deskhand import deskhand


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
