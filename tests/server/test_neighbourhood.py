"""A rough neighbourhood: what strangers can do to a receiver that anybody reaches, played against its own process. Nothing of it
needs a secret (bench/strangers.py says what each is)."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.letters import deliveries
from bench.measure import descendants
from bench.strangers import around, cost_s, costly, keeps_places, never_hangs_up, sends_halves, sends_tiny_chunks, waits
from tests.faults.receiver_setup import ReceiverSetup, real_door, statuses, until_closed
from tests.harness.nursery import Nursery, wait

BEFORE_PROOF_S = 0.05
GIVES_UP_S = 5.0  # Intercom
DRAINED_S = 10.0
LARGE = 1_048_576


@pytest.fixture(scope="module")
def receiver(nursed: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReceiverSetup]:
    with real_door(nursed, tmp_path_factory.mktemp("rough"), "zendesk", max_body_bytes=LARGE) as found:
        yield found


def port_of(found: ReceiverSetup) -> int:
    return int(found.address.rpartition(":")[2])


def processes(found: ReceiverSetup) -> list[int]:
    assert found.child is not None
    return descendants(found.child.pid)


def test_no_request_without_proof_takes_long_of_the_loop(receiver: ReceiverSetup) -> None:
    """CPU time of the loop's thread: what a busy machine takes of it does not count."""
    (pid,) = processes(receiver)

    costs = {name: cost_s(port_of(receiver), pid, request) for name, request in costly(LARGE).items()}

    assert {name: cost for name, cost in costs.items() if cost > BEFORE_PROOF_S} == {}
    assert processes(receiver) == [pid]


def test_good_deliveries_are_answered_in_time_and_the_process_lives(receiver: ReceiverSetup) -> None:
    before = processes(receiver)

    with around(port_of(receiver), sends_tiny_chunks, never_hangs_up, keeps_places, sends_halves):
        took = waits(port_of(receiver), list(deliveries(40)), every_s=0.15)

    assert max(took) < GIVES_UP_S, took
    assert processes(receiver) == before
    assert "Traceback" not in receiver.log()


def test_the_receiver_ends_in_time_and_in_order_whoever_is_connected(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        assert found.child is not None
        body = found.delivery()
        request = found.head({**found.proof(body), "Content-Length": str(len(body))}) + body
        half, kept, silent = ([found.dial() for _ in range(20)] for _ in range(3))
        for each in half:
            each.sendall(request[:-100])
        for each in kept:
            each.sendall(request)
        first = [statuses(each.recv(4096)) for each in kept]

        started = time.monotonic()
        found.child.signal(signal.SIGTERM)
        half[0].sendall(request[-100:])  # what arrives in time is answered still
        code = wait(found.child)
        took = time.monotonic() - started
        last = [statuses(until_closed(each)) for each in half]
        for each in (*half, *kept, *silent):
            each.close()

    assert code == 0
    assert took < DRAINED_S
    assert sorted(first) == [[200]] * 19 + [[202]]
    assert last == [[200]] + [[503]] * 19  # vendors come again
