"""SIGKILL at every named checkpoint of a run, on every helpdesk: another process takes over, and everything is written exactly
once. The receiver's checkpoints are in tests/faults: test_F31 to test_F33."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest

from bot.process import failpoints
from tests.harness.deskhand import PROVIDERS, deskhand
from tests.harness.nightly import IS_NIGHTLY
from tests.harness.nursery import Nursery
from tests.harness.processes import assert_written_once, outage, work_in_a_child
from tests.harness.storage import COMBINATIONS, on

pytestmark = pytest.mark.both_storages

AT_THE_DOOR = ("received", "stored")
OF_A_RUN = ("claimed", "hydrated", "decided", "drafted", "plan_stored", "finished")
OF_A_REQUEST = ("intent_stored", "request_sent", "response_received", "confirmed")
SHORT = {"settle_s": 0.5}


def by_turns(checkpoints: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Every checkpoint on every helpdesk, the two combinations taking turns: each checkpoint is met on both."""
    numbered = enumerate(itertools.product(enumerate(checkpoints), PROVIDERS))
    return [(COMBINATIONS[(place + number % len(PROVIDERS)) % 2], (who, each)) for number, ((place, each), who) in numbered]


def by_day(tried: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    """Each checkpoint once, the helpdesks and the combinations taking turns; all at night. F41 has them on every helpdesk."""
    of_each = len(PROVIDERS)
    return tried if IS_NIGHTLY else [tried[place * of_each + (place * 2) % of_each] for place in range(len(tried) // of_each)]


def test_by_day_every_checkpoint_every_helpdesk_and_both_combinations_are_tried() -> None:
    for kind in (OF_A_RUN, OF_A_REQUEST):
        tried = by_day(by_turns(kind))

        assert {checkpoint for _, (_, checkpoint) in tried} == {*kind}
        assert ({who for _, (who, _) in tried}, {where for where, _ in tried}) == ({*PROVIDERS}, {*COMBINATIONS})


def test_every_checkpoint_is_tried_on_every_helpdesk_and_both_combinations() -> None:
    tried = [each for kind in (OF_A_RUN, OF_A_REQUEST) for each in by_turns(kind)]
    named = set(failpoints.NAMES) - set(AT_THE_DOOR)

    assert {pair for _, pair in tried} == set(itertools.product(PROVIDERS, named))
    assert {(where, checkpoint) for where, (_, checkpoint) in tried} == set(itertools.product(COMBINATIONS, named))


@on("provider,checkpoint", by_day(by_turns(OF_A_RUN)))
def test_a_worker_killed_within_a_run_leaves_one_note(tmp_path: Path, nursed: Nursery, provider: str, checkpoint: str) -> None:
    with deskhand(tmp_path, provider, flow=SHORT) as run:
        ticket = outage(run)

        assert work_in_a_child(nursed, run, checkpoint)
        run.settle(20)

        assert_written_once(run, ticket)


@pytest.mark.timeout(300)
@on("provider,checkpoint", by_day(by_turns(OF_A_REQUEST)))
def test_a_worker_killed_at_any_request_of_a_run_leaves_one_note(
    tmp_path: Path, nursed: Nursery, provider: str, checkpoint: str
) -> None:
    """A ticket for each request that a run makes: the first worker dies at it, until one has no such request left."""
    with deskhand(tmp_path, provider, flow=SHORT) as run:
        for count in itertools.count(1):
            ticket = outage(run)
            was_killed = work_in_a_child(nursed, run, checkpoint, count)
            run.settle(20)
            assert_written_once(run, ticket)
            if not was_killed:
                break

        undisturbed = [each for each in run.requests(ticket) if each.state == "confirmed"]
        assert count - 1 >= len(undisturbed) >= 1
