"""CPU seconds that mean the same on a machine that is slow or throttled: its own speed is measured beside."""

from __future__ import annotations

import time
from statistics import median

YARDSTICK_S = 0.016  # what _yardstick takes where the tests' bounds were chosen
TIMES = 5


def cpu_seconds_since(begun: float) -> float:
    """CPU seconds of this process since `begun`, which is of time.process_time(). On a slower machine they count for less, on a
    faster one as they are."""
    spent = time.process_time() - begun
    return spent / max(1.0, median(_yardstick() for _ in range(TIMES)) / YARDSTICK_S)


def _yardstick() -> float:
    """CPU seconds for the same plain work each time."""
    begun = time.process_time()
    total = 0
    for number in range(300_000):
        total += number * number % 7
    return time.process_time() - begun
