"""F09: a body of 50 MB that announces its length."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from bench.measure import descendants, rss_bytes
from tests.faults.receiver_setup import MOST_BYTES, ReceiverSetup, door, each_helpdesk, real_door, statuses, until_closed
from tests.harness.nursery import Nursery

LARGE = 50_000_000


def held_bytes(found: ReceiverSetup) -> int:
    """The memory of the receiver and its children."""
    assert found.child is not None
    return sum(rss_bytes(each) for each in [found.child.pid, *descendants(found.child.pid)])


def test_F09_is_refused_before_it_is_read_and_costs_no_memory(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        found.knock(found.delivery())  # what the first delivery needs is there
        before, taken = held_bytes(found), 0
        with closing(found.dial()) as connection:
            connection.sendall(found.head({**found.proof(b"{}"), "Content-Length": str(LARGE)}))
            with suppress(ConnectionError, TimeoutError):
                connection.settimeout(0.5)
                for _ in range(LARGE // MOST_BYTES):
                    connection.sendall(b" " * MOST_BYTES)
                    taken += MOST_BYTES
            connection.settimeout(10)
            said = until_closed(connection)

        assert statuses(said) == [413]
        assert taken < LARGE
        assert held_bytes(found) - before < 2_000_000
        assert found.knock(found.delivery()).status_code == 202


def test_F09_ten_at_once_cost_no_memory_either(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        found.knock(found.delivery())
        before = held_bytes(found)
        connections = [found.dial() for _ in range(10)]
        for connection in connections:
            connection.sendall(found.head({**found.proof(b"{}"), "Content-Length": str(LARGE)}) + b" " * 1000)
        answers = [statuses(until_closed(each)) for each in connections]
        for connection in connections:
            connection.close()

        assert answers == [[413]] * 10
        assert held_bytes(found) - before < 2_000_000


@each_helpdesk
def test_F09_one_byte_over_the_cap_is_too_much(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answer = found.knock(b" " * (MOST_BYTES + 1))

        assert (answer.status_code, found.rows()) == (413, {})
        assert found.knock(found.delivery().ljust(MOST_BYTES)).status_code == 202
