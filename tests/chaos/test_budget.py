"""R11 in small, with a tight limit; `make chaos-429` takes the vendor's own for three minutes."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.budget import attack
from tests.harness.nursery import nursery


def test_four_workers_stay_inside_a_tight_limit_and_hear_of_each_others_429s(tmp_path: Path) -> None:
    with nursery() as nursed:
        seen = attack(tmp_path, nursed, 3, 8.0, updates=20, rate=5.0)

    assert seen.refused == 0  # forty tickets, and an agent who clicks: without a budget of its own the twenty were gone at once
    assert seen.surprises >= 1
    assert seen.inside == 0
    assert 1 <= seen.updates <= 10
