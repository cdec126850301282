"""The stream of operations comes from the seed and from nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import islice

from tests.chaos.generator import MIX, Operation, operations
from tests.harness.deskhand import PROVIDERS
from tests.harness.nursery import ROOT


def _first(seed: int, count: int = 2000) -> list[Operation]:
    return list(islice(operations(seed), count))


def test_the_same_seed_gives_the_same_operations() -> None:
    assert _first(7) == _first(7)


def test_another_seed_gives_other_operations() -> None:
    assert _first(7) != _first(8)


def test_the_operations_do_not_depend_on_the_process() -> None:
    """Hashes differ between processes; nothing that is drawn may hang on them."""
    code = "from itertools import islice; from tests.chaos.generator import operations; print(list(islice(operations(7), 300)))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert told == {f"{_first(7, 300)}\n".encode()}


def test_everything_happens_at_every_helpdesk() -> None:
    happened = Counter((each.provider, each.kind) for each in _first(1))

    assert {*happened} == {(provider, kind) for provider in PROVIDERS for kind in MIX}


def test_an_operation_names_a_ticket_that_was_opened_before() -> None:
    opened = Counter[str]()
    for each in _first(3):
        if each.kind == "new":
            assert each.ticket == opened[each.provider]
            opened[each.provider] += 1
        else:
            assert 0 <= each.ticket < max(opened[each.provider], 1)
