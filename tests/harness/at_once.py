"""Several threads that do the same thing at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

WORKERS = 6
Found = TypeVar("Found")


def at_once(do: Callable[[int], Found], count: int = WORKERS) -> list[Found]:
    """What `do(number)` gives in so many threads that begin together."""
    together = threading.Barrier(count)

    def begin(number: int) -> Found:
        together.wait(10)
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))
