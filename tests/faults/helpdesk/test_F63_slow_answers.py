"""F63: an answer that does not come for minutes, or byte by byte. One deadline holds for the whole call, however it is spent.

Scaled: a deadline of 0.5 s in place of 20, an answer of a minute in place of many. tests/adapters/test_transport.py has the
places at which a drip may happen.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, blind_repeats, each_helpdesk, outage, work_once, writes_sent
from tests.harness.deskhand import deskhand

SLOW_S = 60.0
FLOW = {"call_deadline_s": 0.5}


@each_helpdesk
@pytest.mark.parametrize("fault", ["hang", "drip_headers", "drip_body"])
def test_F63_a_slow_read_ends_at_the_deadline(tmp_path: Path, provider: str, fault: str) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        run.desk.faults.order(fault, method="GET", seconds=SLOW_S)

        began = time.monotonic()
        work_once(run, ticket)

        assert time.monotonic() - began < 0.75 * SLOW_S
        run.settle(60)
        assert_written_once(run, ticket)


@each_helpdesk
@pytest.mark.parametrize("fault", ["hang", "drip_body"])
def test_F63_a_slow_write_is_unknown_at_the_deadline_and_looked_for(tmp_path: Path, provider: str, fault: str) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        ticket = outage(run)
        for method in ("PUT", "POST"):
            run.desk.faults.order(fault, method=method, path="/conversations/|/tickets/", seconds=SLOW_S)

        began = time.monotonic()
        run.settle(60)

        assert time.monotonic() - began < SLOW_S
        assert any(each.fault == fault for each in writes_sent(run, ticket))
        assert not blind_repeats(run, ticket)
        assert_written_once(run, ticket)
