"""SIGKILL at every named checkpoint, on every helpdesk: another process takes over, and everything is written exactly once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

from bot.flow import checkpoints
from bot.store import deliveries
from bot.store.engine import reading
from tests.flow.harness import PROVIDERS, Running, deskhand
from tests.flow.processes import assert_written_once, free_port, outage, process, wait_for, work_in_a_child

AT_THE_DOOR = ("received", "stored")
OF_A_RUN = ("claimed", "hydrated", "decided", "drafted", "plan_stored", "finished")
OF_A_REQUEST = ("intent_stored", "request_sent", "response_received", "confirmed")
SHORT = {"lease_s": 2.0, "settle_s": 0.5}

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


def test_every_checkpoint_is_tried() -> None:
    assert {*AT_THE_DOOR, *OF_A_RUN, *OF_A_REQUEST} == set(checkpoints.NAMES)


@each_helpdesk
@pytest.mark.parametrize("checkpoint", OF_A_RUN)
def test_a_worker_killed_within_a_run_leaves_one_note(tmp_path: Path, provider: str, checkpoint: str) -> None:
    with deskhand(tmp_path, provider, flow=SHORT) as run:
        ticket = outage(run)

        assert work_in_a_child(run, checkpoint)
        run.settle(20)

        assert_written_once(run, ticket)


@each_helpdesk
@pytest.mark.timeout(300)
@pytest.mark.parametrize("checkpoint", OF_A_REQUEST)
def test_a_worker_killed_at_any_request_of_a_run_leaves_one_note(tmp_path: Path, provider: str, checkpoint: str) -> None:
    """A ticket for each request that a run makes: the first worker dies at it, until one has no such request left."""
    with deskhand(tmp_path, provider, flow=SHORT) as run:
        for count in itertools.count(1):
            ticket = outage(run)
            was_killed = work_in_a_child(run, checkpoint, count)
            run.settle(20)
            assert_written_once(run, ticket)
            if not was_killed:
                break

        undisturbed = [each for each in run.requests(ticket) if each.state == "confirmed"]
        assert count - 1 >= len(undisturbed) >= 1


@each_helpdesk
@pytest.mark.parametrize("checkpoint", AT_THE_DOOR)
def test_a_receiver_killed_at_the_door_loses_nothing(tmp_path: Path, provider: str, checkpoint: str) -> None:
    """Killed before the commit there is no row, after it there is one; the sender's repeat brings the same end."""
    port, flag = free_port(), tmp_path / "killed"
    server = {"host": "127.0.0.1", "port": port}
    with (
        deskhand(tmp_path, provider, server=server) as run,
        process(
            tmp_path, "webhooks", "--config", str(run.config.path), DESKHAND_KILL_AT=f"{checkpoint}:{flag}", DESKHAND_CONFIG=""
        ),
    ):
        wait_for("the receiver's start", lambda: _answers(port))
        run.desk.webhooks.target = None
        ticket = outage(run)
        delivery = run.desk.webhooks.sent[-1]
        run.desk.webhooks.target = f"http://127.0.0.1:{port}/webhooks/{provider}"

        with pytest.raises(requests.ConnectionError):
            _send(run, delivery.body, delivery.headers)
        stored = _deliveries(run)
        wait_for("the receiver's next start", lambda: _answers(port))
        answer = _send(run, delivery.body, delivery.headers)
        run.settle(20)

        assert flag.exists()
        assert re.search(r"\(pid:\d+\) was sent SIGKILL", (tmp_path / "webhooks.log").read_text(encoding="utf-8"))
        assert stored == (0 if checkpoint == "received" else 1)
        assert answer.json().get("duplicate", False) is (checkpoint == "stored")
        assert_written_once(run, ticket)
        assert len([row for row in run.newest_runs(ticket) if row["is_writing"]]) == 1


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/health", timeout=2).ok
    except requests.RequestException:
        return False


def _send(run: Running, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    signed = {"Content-Type": "application/json", **headers, **run.desk.sign(body)}
    return requests.post(run.desk.webhooks.target or "", data=body, headers=signed, timeout=10)


def _deliveries(run: Running) -> int:
    with reading(run.parts.engine) as connection:
        return sum(deliveries.counts(connection).values())
