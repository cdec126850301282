"""F25: a flood of unsigned requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import event

from bench.letters import body, request
from bench.load import closed_loop, open_loop
from tests.faults.receiver_setup import ReceiverSetup, door, each_helpdesk, real_door
from tests.harness.nursery import Nursery

FLOOD = 400.0  # a second; as many as a test machine can send beside everything else


@each_helpdesk
def test_F25_a_refused_request_asks_nothing_of_the_database(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        found.knock(found.delivery())
        letter, said = found.delivery(), list[str]()
        event.listen(found.engine, "before_cursor_execute", lambda *call: said.append(call[2]))

        answers = [found.post(letter, {"Content-Type": "application/json"}).status_code for _ in range(200)]

        assert answers == [401] * 200
        assert [each for each in said if "pragma" not in each.lower() and "LIMIT" not in each and "BEGIN" not in each] == []
        assert found.counted("signature_missing") == 200


def port_of(found: ReceiverSetup) -> int:
    return int(found.address.rpartition(":")[2])


@contextmanager
def flood(found: ReceiverSetup, seconds: float) -> Iterator[None]:
    """Unsigned requests all the while, at a fixed rate."""
    forged = [request(body(), secret="somebody-elses-secret") for _ in range(int(FLOOD * seconds))]
    thread = threading.Thread(target=lambda: open_loop(port_of(found), forged, FLOOD, connections=16).require(401), daemon=True)
    thread.start()
    yield
    thread.join(60)


def test_F25_good_deliveries_keep_half_of_their_rate_and_the_log_stays_small(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk", threads=8) as found:
        closed_loop(port_of(found), [request(body()) for _ in range(100)], 4)
        shares = []
        for _ in range(3):  # the best of three: the machine has other things to do
            alone = closed_loop(port_of(found), [request(body()) for _ in range(300)], 4).require(202).rate
            with flood(found, 2.0):
                beside = closed_loop(port_of(found), [request(body()) for _ in range(300)], 4).require(202).rate
            shares.append(beside / alone)
            if shares[-1] >= 0.5:
                break

        assert max(shares) >= 0.5, shares
        refused = [line for line in found.log().splitlines() if "delivery.refused" in line]
        assert 1 <= len(refused) <= 10
