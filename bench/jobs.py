"""The job of P15's baseline. A module of its own: RQ's worker imports it anew for each job, and nothing beside it."""

from __future__ import annotations

import time


def now_s() -> float:
    """What the clock shows when it runs."""
    return time.time()
