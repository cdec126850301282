"""F35: Redis answers and takes nothing: no memory, a read-only replica, another password. As if it were away: the door takes
what comes, the sweep rings later, and the doctor names the cause."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main as cli
from tests.faults.common import assert_written_once
from tests.faults.held_database import knock, undelivered
from tests.faults.redis_setup import jobs, sweep, with_redis
from tests.harness.deskhand import Running
from tests.harness.processes import wait_for
from tests.harness.servers import OwnRedis, free_port


def _no_memory(redis: OwnRedis) -> None:
    redis.set("maxmemory", "1")


def _memory(redis: OwnRedis) -> None:
    redis.set("maxmemory", "0")


def _replica(redis: OwnRedis) -> None:
    redis.client.replicaof("127.0.0.1", str(free_port()))


def _primary(redis: OwnRedis) -> None:
    redis.client.replicaof("NO", "ONE")


def _another_password(redis: OwnRedis) -> None:
    redis.set("requirepass", "another")
    redis.password = "another"
    redis.client.client_kill_filter(_type="normal", skipme=True)


def _no_password(redis: OwnRedis) -> None:
    redis.set("requirepass", "")
    redis.password = ""


@pytest.mark.parametrize(
    ("trouble", "end", "words"),
    [
        (_no_memory, _memory, "out of memory"),
        (_replica, _primary, "read-only replica"),
        (_another_password, _no_password, "refuses the password"),
    ],
)
def test_F35_work_goes_on_and_the_doctor_names_the_cause(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[OwnRedis], None],
    end: Callable[[OwnRedis], None],
    words: str,
) -> None:
    with with_redis(tmp_path, monkeypatch) as (run, redis):
        delivery = undelivered(run)
        trouble(redis)

        answer, said = knock(run, delivery), _doctor(run)
        end(redis)
        wait_for("a sweep that is heard", lambda: sweep(run) > 0 and jobs(redis) > 0)
        run.settle()

        assert answer.status == 202
        assert answer.took_s < 2
        assert words in said
        assert "another" not in said
        assert_written_once(run, delivery.ticket)


def _doctor(run: Running) -> str:
    """What it says of the queue."""
    result = CliRunner().invoke(cli, ["doctor", "--json", "--config", str(run.config.path)])
    assert result.exit_code == 1, result.output
    [finding] = [each for each in json.loads(result.stdout)["findings"] if each["what"] == "queue"]
    assert not finding["ok"]
    return str(finding["words"])
