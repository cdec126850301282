"""F62: a write that is answered with a server error may have landed or not. The ticket is read before anything is sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, blind_repeats, each_helpdesk, outage, writes_sent
from tests.harness.deskhand import deskhand


@each_helpdesk
@pytest.mark.parametrize("has_landed", [True, False], ids=["landed", "lost"])
def test_F62_a_write_of_unknown_end_is_looked_for_before_it_is_sent_again(
    tmp_path: Path, provider: str, has_landed: bool
) -> None:
    with deskhand(tmp_path, provider) as run:
        for status, method in (("500", "PUT"), ("502", "POST"), ("504", "POST")):
            run.desk.faults.order(status, method=method, path="/conversations/|/tickets/", commit=has_landed)

        ticket = outage(run)
        run.settle(60)

        assert any(each.status >= 500 for each in writes_sent(run, ticket))
        assert not blind_repeats(run, ticket)
        assert_written_once(run, ticket)
