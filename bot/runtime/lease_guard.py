"""Until when a run may write, by this machine's own clock: while its lease is surely ours, and while what it read is fresh.

The database refuses what a run wants to record once its lease is gone; a helpdesk does not. A process that was stopped
(SIGSTOP, a frozen machine) between its last look at the database and its write asks here, right before the first byte.
"""

from __future__ import annotations

import time

from adapters.errors import Outdated
from bot.store.tickets import Lease, LeaseLost

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps, where there is such a clock


def moment() -> float:
    """Now, in seconds, for `LeaseGuard`."""
    return time.clock_gettime(_CLOCK)


class LeaseGuard:
    """A lease given (or renewed) for `lease_s` by a transaction that began at `asked_at`."""

    def __init__(self, lease: Lease, asked_at: float, lease_s: float) -> None:
        self._lease = lease
        self._fresh_until: float | None = None
        self.renewed(asked_at, lease_s)

    def renewed(self, asked_at: float, lease_s: float) -> None:
        self._until = asked_at + lease_s

    def rest_on_read(self, for_s: float | None) -> None:
        """The next write must leave within so many seconds, or at any time (None). Only the first of several calls that carry
        it out is asked: nothing may be called unsent after that."""
        self._fresh_until = None if for_s is None else moment() + for_s

    def require(self) -> None:
        """Raises LeaseLost where somebody else may hold the ticket by now, Outdated where what was read of it is old."""
        if moment() >= self._until:
            raise LeaseLost(str(self._lease.key))
        if self._fresh_until is not None and moment() >= self._fresh_until:
            raise Outdated
        self._fresh_until = None
