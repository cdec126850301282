"""F30: Redis stops answering after the commit, while somebody is to be woken. The sender does not wait for it."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tests.faults.common import assert_written_once
from tests.faults.held_database import knock, undelivered
from tests.faults.redis_setup import with_redis

SLOWER_S = 0.25


@pytest.mark.parametrize("how", ["dies", "hangs"])
def test_F30_the_answer_is_hardly_slower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    with with_redis(tmp_path, monkeypatch) as (run, redis):
        some = [undelivered(run, f"Production is down, part {number}") for number in range(14)]
        usual = [knock(run, each) for each in some[:7]]

        redis.pause() if how == "hangs" else redis.stop()
        disturbed = [knock(run, each) for each in some[7:]]
        redis.go_on() if how == "hangs" else redis.start()
        run.settle(40)

        assert {each.status for each in (*usual, *disturbed)} == {202}
        took = [statistics.median(each.took_s for each in answers) for answers in (usual, disturbed)]
        assert took[1] - took[0] < SLOWER_S, took
        for each in (some[0], some[-1]):
            assert_written_once(run, each.ticket)
