"""R6 in small, on one database; `make chaos-order` takes fifty thousand events on both."""

from __future__ import annotations

import random
from pathlib import Path

from tests.chaos.order import attack, events
from tests.chaos.order_checker import Found, check_lines
from tests.harness.nursery import nursery


def test_order_holds_and_no_two_runs_write_while_workers_sleep_through_their_leases(tmp_path: Path) -> None:
    with nursery() as nursed:
        found = attack(tmp_path, nursed, 6, 400, "sqlite:///deskhand.sqlite3")

    assert not found.order
    assert not found.overlaps
    assert found.events == 400
    assert found.repeats > 0
    assert found.notes > 0


def test_events_come_out_of_order_and_repeated() -> None:
    made = events(random.Random(1), 2000)

    assert len(made) == 2000
    assert len(set(made)) < 2000
    of_one = [number for ticket, number in made if ticket == 1]
    assert of_one != sorted(of_one)


def test_the_checker_sees_a_late_write_and_an_old_one() -> None:
    found = Found()
    lines = ["1 10 claimed 7", "2 11 claimed 7", "3 11 note 7 5 B", "4 10 note 7 4 A", "5 11 finished 7"]

    check_lines("7", [line.split() for line in lines], found)

    assert len(found.overlaps) == 1
    assert len(found.order) == 1
    assert found.taken_over == 1
