"""How a run ends before its work is done, and how long a failing ticket waits."""

from __future__ import annotations

import random


class RetryLater(Exception):
    """Give the lease back and come again after `after_s`: nothing failed, somebody must wait (a limit, a read lag)."""

    def __init__(self, after_s: float, reason: str) -> None:
        super().__init__(reason)
        self.after_s = after_s
        self.reason = reason


class DeadLetter(Exception):
    """Set the ticket aside for a person; `deskhand dead` lists it with this reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def backoff_s(failures: int, first_s: float, most_s: float, random_0_1: float | None = None) -> float:
    """Full jitter: between a tenth and the whole of first_s * 2**failures, at most `most_s`."""
    share = random.random() if random_0_1 is None else random_0_1
    return min(most_s, first_s * 2.0 ** min(failures, 20)) * (0.1 + 0.9 * share)
