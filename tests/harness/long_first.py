"""What takes long is begun first: else a worker of pytest-xdist ends alone with it while the others have nothing left.

With `--dist worksteal` each worker gets an equal stretch of the list and steals from the ends of the others' when it is through.
So each stretch begins with its share of the long ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import pytest

T = TypeVar("T")

# Files with tests of more than some ten seconds, by the list at the end of `make test`.
LONG = (
    "tests/end_to_end/test_rolling_upgrade.py",
    "tests/deploy/test_deploy.py",
    "tests/chaos/test_short.py",
    "tests/parity/test_parity.py",
    "tests/mutation/test_mutants.py",
    "tests/faults/drafts/test_F85_orders_in_a_customers_text.py",
    "tests/faults/privacy/test_F113_secrets_in_what_comes_out.py",
    "tests/cli/test_processes.py",
    "tests/end_to_end/test_logs.py",
    "tests/end_to_end/test_api_calls.py",
    "tests/chaos/test_determinism.py",
    "tests/chaos/test_restore.py",
    "tests/chaos/test_drop.py",
    "tests/process/test_failpoints.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In each of xdist's workers alike: they must agree on the order."""
    workers = getattr(config, "workerinput", {}).get("workercount", 0)
    if workers:
        place = {name: number for number, name in enumerate(LONG)}
        long = sorted((each for each in items if _file(each) in place), key=lambda each: place[_file(each)])
        items[:] = dealt(long, [each for each in items if _file(each) not in place], workers)


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def dealt(long: Sequence[T], others: Sequence[T], workers: int) -> list[T]:
    """Stretches as xdist shares them out, each with its share of the long ones at its beginning."""
    made: list[T] = []
    left, rest = len(long) + len(others), list(others)
    for worker in range(workers):
        mine = long[worker::workers]
        count = max(0, left // (workers - worker) - len(mine))
        made += [*mine, *rest[:count]]
        rest, left = rest[count:], left - len(mine) - count
    return made + rest
