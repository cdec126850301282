"""F29: Redis is down when a delivery comes. The door takes it, nobody is woken, and the sweep rings when Redis is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.common import assert_written_once, delivery_states
from tests.faults.held_database import knock, undelivered
from tests.faults.redis_setup import jobs, sweep, with_redis
from tests.harness.processes import wait_for


def test_F29_what_came_while_redis_was_down_is_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str | None
) -> None:
    with with_redis(tmp_path, monkeypatch, database) as (run, redis):
        delivery = undelivered(run)
        redis.stop()

        answer = knock(run, delivery)
        states = delivery_states(run)
        redis.start()
        wait_for("a sweep that is heard", lambda: sweep(run) > 0 and jobs(redis) > 0)
        run.settle()

        assert answer.status == 202
        assert answer.took_s < 2
        assert states == {"pending": 1}
        assert_written_once(run, delivery.ticket)
